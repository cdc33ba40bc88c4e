"""A promise or a note is changed and taken away by its author, and by nobody else."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from courseplatform.cohorts.models import GroupMembership
from courseplatform.journal.groups import meeting_texts
from courseplatform.journal.models import Commitment, MeetingNote
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.people.privacy.sealing import destroy_key
from courseplatform.people.refusals import Refusal
from tests.journal.at_the_table import PROMISE, STARTS, Table

pytestmark = pytest.mark.django_db
LATER = STARTS + timedelta(days=1)
NEW = "Jeg spørger også aftenvagten."


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def table():
    table = Table()
    table.promised, table.noted = table.promise(), table.note()
    return table


def change(row, text=NEW, *, edition=None):
    meeting_texts.change(row, text, edition=edition or meeting_texts.edition_of(row), now=LATER)


def says(row):
    return meeting_texts.text_of(type(row).objects.get(pk=row.pk))


def test_a_new_wording_takes_the_place_of_the_old_one_and_how_it_went_stays(table):
    meeting_texts.tell(table.promised, "kept", now=STARTS)
    change(table.promised)

    assert says(table.promised) == NEW
    assert Commitment.objects.get(pk=table.promised.pk).outcome == "kept"


def test_two_phones_do_not_write_over_each_other(table):
    elsewhere, seen = Commitment.objects.get(pk=table.promised.pk), meeting_texts.edition_of(table.promised)
    change(elsewhere)
    with pytest.raises(StaleError):
        change(table.promised, "Noget helt tredje", edition=seen)  # looked at before, and read before
    with pytest.raises(StaleError):
        change(elsewhere, "Noget helt tredje", edition=seen)

    change(elsewhere, NEW, edition=seen)  # sent twice
    assert says(table.promised) == NEW


@pytest.mark.parametrize("text", ["", " \n ", "x" * 1001, "Ring til 010190-1234"])
def test_what_the_group_cannot_keep_is_refused(table, text):
    with pytest.raises(Refusal):
        change(table.promised, text)

    assert says(table.promised) == PROMISE


class TestPage:
    @pytest.fixture
    def page(self, table):
        return lambda row: reverse("meeting-text", args=[row.pk])

    def test_its_author_changes_it_and_the_group_reads_the_new_words(self, client, table, page):
        author, peer = (table.members[number].person for number in (0, 1))
        client.force_login(author)
        edition = client.get(page(table.promised)).context["edition"]
        client.post(page(table.promised), {"field-text": NEW, "edition": edition})
        table.meeting.state = "held"
        table.meeting.save()
        assert page(table.promised) in client.get(reverse("meeting", args=[table.meeting.pk])).content.decode()
        client.force_login(peer)
        shown = client.get(reverse("meeting", args=[table.meeting.pk])).content.decode()

        assert NEW in shown
        assert PROMISE not in shown
        assert page(table.promised) not in shown

    def test_nobody_else_opens_changes_or_takes_it(self, client, table, page):
        for other in (table.members[1].person, table.facilitator, table.group.cohort.owner_hr):
            client.force_login(other)
            assert client.get(page(table.promised)).status_code == 404
            assert client.post(page(table.promised), {"field-text": NEW}).status_code == 404
            assert client.post(reverse("meeting-text-take-away", args=[table.promised.pk])).status_code == 404

        assert says(table.promised) == PROMISE

    def test_it_is_taken_away_once_and_for_all(self, client, table):
        client.force_login(table.members[0].person)
        for _ in range(2):
            assert client.post(reverse("meeting-text-take-away", args=[table.noted.pk])).status_code == 302

        assert not MeetingNote.objects.exists()
        assert Commitment.objects.exists()

    def test_who_was_too_late_sees_both_wordings(self, client, table, page):
        client.force_login(table.members[0].person)
        answer = client.post(page(table.promised), {"field-text": NEW, "edition": "en anden"})

        assert answer.status_code == 409
        assert PROMISE in answer.content.decode()
        assert NEW in answer.content.decode()
        assert says(table.promised) == PROMISE

    def test_what_waited_on_a_phone_is_changed_unless_somebody_has_to_look(self, client, table, page):
        client.force_login(table.members[0].person)
        late, quietly = {"field-text": NEW, "done": "1", "edition": "en anden"}, {"X-Requested-With": "autosave"}
        assert client.post(page(table.promised), late, headers=quietly).status_code == 422
        late["edition"] = meeting_texts.edition_of(table.promised)
        assert client.post(page(table.promised), late, headers=quietly).json()["entry"] == page(table.promised)
        assert says(table.promised) == NEW
        client.post(page(table.promised), {"field-text": "Noget tredje", "edition": "en anden", "keep": "other"})
        assert says(table.promised) == NEW

    def test_what_was_typed_is_shown_again_when_it_cannot_be_kept(self, client, table, page):
        client.force_login(table.members[0].person)
        answer = client.post(page(table.promised), {"field-text": "Ring til 010190-1234", "edition": "x"})

        assert answer.status_code == 422
        assert "010190-1234" in answer.content.decode()

    def test_who_has_left_the_group_still_has_their_own(self, client, table, page):
        GroupMembership.objects.update(left_at=LATER)
        client.force_login(table.members[0].person)
        shown = client.get(page(table.promised)).content.decode()

        assert PROMISE in shown
        assert "Kun du kan læse dette." in shown

    def test_whose_key_is_gone_can_take_it_away_and_do_nothing_more(self, client, table, page):
        destroy_key(table.members[0].person, LATER)
        client.force_login(table.members[0].person)

        assert client.get(page(table.promised)).status_code == 200
        assert client.post(page(table.promised), {"field-text": NEW, "edition": "x"}).status_code in (409, 422)
        client.post(reverse("meeting-text-take-away", args=[table.promised.pk]))
        assert not Commitment.objects.exists()
