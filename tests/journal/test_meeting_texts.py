"""Who reads what was said at a group meeting: the group, and its facilitator where invited (MODEL I8, I17, §5)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from courseplatform.cohorts.models import Cohort, GroupMembership
from courseplatform.journal.groups import meeting_texts
from courseplatform.journal.groups.meetings import invite_facilitator
from courseplatform.journal.models import Commitment, FacilitatorInvitation, MeetingNote
from courseplatform.people.models import AuditEvent
from courseplatform.people.privacy.sealing import destroy_key
from courseplatform.people.refusals import Refusal
from tests.factories import CohortFactory, EnrolmentFactory, GroupFactory, MembershipFactory, RoleFactory, UserFactory
from tests.journal.at_the_table import NAMES, PROMISE, STARTS, Table
from tests.journal.whole_database import places_with
from tests.versions import published_without

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def table():
    table = Table()
    table.promised, table.noted = table.promise(), table.note()
    return table


def reads(person):
    """Whether they may read the commitment and the note."""
    return Commitment.objects.visible_to(person).exists(), MeetingNote.objects.visible_to(person).exists()


BOTH, NONE = (True, True), (False, False)


def test_the_group_reads_it_and_nobody_else(table):
    next_group = EnrolmentFactory(cohort=table.group.cohort)
    MembershipFactory(enrolment=next_group, group=GroupFactory(cohort=table.group.cohort, name="En anden"))
    hr = RoleFactory(person=UserFactory(), kind="hr").person
    manager = UserFactory()
    table.members[0].person.line_manager = manager
    table.members[0].person.save()

    assert [reads(one.person) for one in table.members] == [BOTH] * 5
    for stranger in (next_group.person, hr, manager, table.group.cohort.owner_hr, UserFactory(is_superuser=True)):
        assert reads(stranger) == NONE


def test_who_leaves_the_group_reads_it_no_more_and_takes_their_own_along(table):
    GroupMembership.objects.filter(enrolment__in=[table.members[0], table.members[1]]).update(left_at=STARTS + DAY)

    assert reads(table.members[0].person) == BOTH  # their own
    assert reads(table.members[1].person) == NONE
    assert reads(table.members[2].person) == NONE  # what the one who left had said


def test_a_newcomer_reads_what_is_said_from_then_on(table):
    newcomer = table.joins("Ny leder", at=STARTS + DAY)
    assert reads(newcomer.person) == NONE

    table.note(who=1, now=STARTS + 2 * DAY)
    assert reads(newcomer.person) == (False, True)


def test_the_facilitator_reads_it_only_where_the_group_has_invited_them(table):
    assert reads(table.facilitator) == NONE

    invitation = FacilitatorInvitation.objects.create(meeting=table.meeting, is_invited=True, invited_at=STARTS - DAY)
    assert reads(table.facilitator) == BOTH
    invitation.is_invited = False
    invitation.save()
    assert reads(table.facilitator) == NONE


def test_what_was_written_for_the_group_alone_stays_so_when_the_facilitator_is_invited(table):
    invite_facilitator(table.meeting, is_wanted=True, by=table.members[1].person, now=STARTS + DAY)
    assert reads(table.facilitator) == NONE

    invite_facilitator(table.meeting, is_wanted=True, by=table.members[2].person, now=STARTS + 3 * DAY)  # as before
    table.note(who=1, now=STARTS + 2 * DAY)
    assert reads(table.facilitator) == (False, True)


@pytest.mark.parametrize("state", ["held", "cancelled"])
def test_nobody_is_invited_to_a_meeting_that_is_over(table, state):
    table.meeting.state = state
    with pytest.raises(Refusal):
        invite_facilitator(table.meeting, is_wanted=True, by=table.members[1].person, now=STARTS + DAY)
    assert not FacilitatorInvitation.objects.exists()


def test_an_invitation_does_not_let_in_another_facilitator_or_to_another_meeting(table):
    FacilitatorInvitation.objects.create(meeting=table.first, is_invited=True, invited_at=STARTS - DAY)
    assert reads(table.facilitator) == NONE

    FacilitatorInvitation.objects.create(meeting=table.meeting, is_invited=True, invited_at=STARTS - DAY)
    other = UserFactory()
    table.group.cohort.facilitators.add(other)
    CohortFactory().facilitators.add(table.facilitator)
    assert reads(other) == NONE
    table.group.cohort.facilitators.remove(table.facilitator)
    assert reads(table.facilitator) == NONE


def test_nobody_reads_it_when_its_author_is_erased_or_the_cohort_is_over(table):
    table.note(who=1)
    destroy_key(table.members[0].person, STARTS)
    assert reads(table.members[2].person) == (False, True)

    Cohort.objects.update(state="archived")
    assert reads(table.members[2].person) == NONE


@pytest.mark.django_db(transaction=True)
def test_the_database_holds_no_word_of_it():
    table = Table()
    table.promise()

    assert places_with(PROMISE) == []


class TestPages:
    @pytest.fixture(autouse=True)
    def clock(self):
        with time_machine.travel(STARTS + DAY, tick=False) as clock:
            yield clock

    @pytest.fixture
    def page(self, client, table):
        table.meeting.state = "held"
        table.meeting.save()

        def look(person):
            client.force_login(person)
            return client.get(reverse("meeting", kwargs={"pk": table.meeting.pk}))

        return look

    def test_it_stays_when_another_version_leaves_the_meeting_out(self, page, client, table):
        cohort = table.group.cohort
        cohort.programme_version = published_without("group_meetings", table.meeting.key)
        cohort.save()
        reader = table.members[1].person

        assert PROMISE in page(reader).content.decode()
        assert client.get(reverse("group")).status_code == 200

    def test_to_read_it_is_written_down_for_the_one_who_said_it(self, page, table, clock):
        author, reader = table.members[0].person, table.members[1].person
        page(author)
        page(reader)
        page(reader)

        trail = AuditEvent.objects.filter(about=author, action="read")
        assert {(one.actor, one.object_id) for one in trail} == {
            (reader, str(table.promised.pk)),
            (reader, str(table.noted.pk)),
        }
        assert trail.count() == 2
        clock.shift(DAY + timedelta(minutes=1))
        page(reader)
        assert trail.all().count() == 4

    def test_the_facilitator_gets_in_when_invited_and_cannot_write(self, client, table, clock, request):
        client.force_login(table.members[0].person)
        invite = reverse("meeting-facilitator", kwargs={"pk": table.meeting.pk})
        clock.move_to(STARTS - DAY)
        client.post(invite, {"wanted": "yes"})
        clock.move_to(STARTS + DAY)
        page = request.getfixturevalue("page")

        assert PROMISE in page(table.facilitator).content.decode()
        groups = client.get(reverse("facilitator")).content.decode()
        assert "Gruppen har inviteret dig til møde 2" in groups
        tap = reverse("meeting-tap", kwargs={"pk": table.meeting.pk})
        assert client.post(tap, {"do": "note", "text": "Hej"}).status_code == 404
        assert client.post(invite, {"wanted": "yes"}).status_code == 404
        client.force_login(table.members[0].person)
        client.post(invite, {"wanted": "no"})
        assert page(table.facilitator).status_code == 404

    @pytest.mark.parametrize(("key", "comes"), [("g2", True), ("g3", False)])
    def test_after_the_second_meeting_the_facilitator_comes_when_asked(self, client, table, key, comes):
        table.meeting.key = key
        table.meeting.starts_at, table.meeting.ends_at = STARTS + 9 * DAY, STARTS + 10 * DAY
        table.meeting.save()
        client.force_login(table.members[0].person)
        page = client.get(reverse("group")).content.decode()

        assert ("Facilitator er med som facilitator." in page) is comes
        assert ("I mødes uden jeres facilitator" in page) is not comes


def test_other_words_from_an_old_page_are_kept_beside_the_first_and_the_same_tap_once(table):
    first, second = table.members[0], table.members[1]
    for of, words in [(first, "Vi ventede."), (first, PROMISE), (second, PROMISE), (first, PROMISE)]:
        meeting_texts.keep(
            Commitment, table.promised.pk, words, of=of, meeting=table.meeting, by=first.person, now=STARTS
        )

    kept = Commitment.objects.select_related("author__key")
    assert sorted((one.author.display_name, meeting_texts.text_of(one)) for one in kept) == sorted(
        [(NAMES[0], PROMISE), (NAMES[0], "Vi ventede."), (NAMES[1], PROMISE)]
    )
