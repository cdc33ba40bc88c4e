"""The visibility matrix (MODEL §5) cell by cell, each with an entry that could leak."""

from datetime import timedelta

import pytest

from courseplatform.cohorts.models import Cohort, Enrolment, GroupMembership
from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections import writing
from courseplatform.people.models import RoleAssignment, User
from courseplatform.people.privacy import sealing
from tests.factories import (
    CohortFactory,
    EnrolmentFactory,
    GroupFactory,
    MembershipFactory,
    RoleFactory,
    UserFactory,
)
from tests.journal.conftest import NOW

pytestmark = pytest.mark.django_db
LEVELS = ["private", "group", "facilitator", "cohort"]


def sees(person, reflection):
    """Asked anew, as the next request would."""
    reader = User.objects.get(pk=getattr(person, "person_id", person.pk))
    return Reflection.objects.visible_to(reader).filter(pk=reflection.pk).exists()


@pytest.fixture
def readers(cohort, group, author, peer):
    """Everybody who might look: role → person."""
    other_group = GroupFactory(cohort=cohort, facilitator=UserFactory(), name="Gruppe 5")
    cohort.facilitators.add(other_group.facilitator)
    neighbour, alone = EnrolmentFactory(cohort=cohort), EnrolmentFactory(cohort=cohort)
    MembershipFactory(group=other_group, enrolment=neighbour)
    beside = CohortFactory(owner_hr=cohort.owner_hr)
    beside.facilitators.add(UserFactory())
    boss = UserFactory()
    User.objects.filter(pk=author.person_id).update(line_manager=boss)
    return {
        "author": author.person,
        "own group": peer.person,
        "group's facilitator": group.facilitator,
        "another group": neighbour.person,
        "no group": alone.person,
        "another group's facilitator": other_group.facilitator,
        "another cohort": EnrolmentFactory(cohort=beside).person,
        "another cohort's facilitator": beside.facilitators.get(),
        "HR owner": cohort.owner_hr,
        "HR": RoleFactory(kind=RoleAssignment.Kind.HR).person,
        "line manager": boss,
        "content author": RoleFactory(kind=RoleAssignment.Kind.FACILITATOR).person,
        "operator": RoleFactory(kind=RoleAssignment.Kind.OPERATOR).person,
        "superuser": UserFactory(is_superuser=True, is_staff=True),
    }


@pytest.mark.parametrize(
    ("level", "who"),
    [
        ("private", {"author"}),
        ("group", {"author", "own group"}),
        ("facilitator", {"author", "own group", "group's facilitator"}),
        ("cohort", {"author", "own group", "group's facilitator", "another group", "no group"}),
    ],
)
def test_each_level_is_read_by_exactly_these(level, who, readers, written):
    reflection = written(level=level)

    assert {role for role, person in readers.items() if sees(person, reflection)} == who


@pytest.mark.parametrize("level", LEVELS[1:])
def test_a_draft_and_a_deleted_entry_are_read_by_nobody_else(level, readers, written):
    draft, deleted = written(level=level), written(level=level)
    Reflection.objects.filter(pk=draft.pk).update(state="draft")
    writing.delete(deleted, NOW)

    assert [role for role, person in readers.items() if sees(person, draft)] == ["author"]
    assert [role for role, person in readers.items() if sees(person, deleted)] == []


class TestGroups:
    def test_who_leaves_the_group_loses_access_at_once(self, written, peer):
        reflection = written(level="group")
        GroupMembership.objects.filter(enrolment=peer).update(left_at=NOW)

        assert not sees(peer, reflection)

    def test_a_newcomer_sees_only_what_is_shared_after_they_joined(self, written, cohort, group):
        before = written(level="group", now=NOW)
        newcomer = EnrolmentFactory(cohort=cohort)
        MembershipFactory(group=group, enrolment=newcomer, joined_at=NOW + timedelta(hours=1))
        after = written(level="group", now=NOW + timedelta(hours=2))

        assert [sees(newcomer, one) for one in (before, after)] == [False, True]

    def test_sharing_anew_lets_the_newcomer_read_it(self, written, cohort, group):
        reflection = written(level="group")
        newcomer = EnrolmentFactory(cohort=cohort)
        MembershipFactory(group=group, enrolment=newcomer, joined_at=NOW + timedelta(hours=1))

        writing.share(reflection, "group", NOW + timedelta(hours=2))

        assert sees(newcomer, reflection)

    def test_an_edit_is_not_sharing_anew(self, written, cohort, group):
        reflection = written(level="group")
        newcomer = EnrolmentFactory(cohort=cohort)
        MembershipFactory(group=group, enrolment=newcomer, joined_at=NOW + timedelta(hours=1))

        later = NOW + timedelta(hours=2)
        writing.save(reflection, {"text": "rettet"}, edition=reflection.edition, now=later)

        assert not sees(newcomer, reflection)

    def test_a_text_follows_its_author_to_the_new_group(self, written, author, peer, cohort):
        reflection = written(level="facilitator")
        GroupMembership.objects.filter(enrolment=author).update(left_at=NOW)
        new = GroupFactory(cohort=cohort, facilitator=UserFactory(), name="Gruppe 6")
        cohort.facilitators.add(new.facilitator)
        MembershipFactory(group=new, enrolment=author, joined_at=NOW)
        companion = EnrolmentFactory(cohort=cohort)
        MembershipFactory(group=new, enrolment=companion)

        old_facilitator = cohort.facilitators.exclude(pk=new.facilitator.pk).get()
        assert not sees(peer, reflection)
        assert not sees(old_facilitator, reflection)
        assert sees(companion, reflection)
        assert sees(new.facilitator, reflection)

    def test_an_author_without_a_group_shares_with_no_group(self, written, author, peer):
        reflection = written(level="group")
        GroupMembership.objects.filter(enrolment=author).delete()

        assert not sees(peer, reflection)

    def test_a_group_they_share_on_another_cohort_opens_nothing(self, written, author, peer):
        elsewhere = CohortFactory()
        common = GroupFactory(cohort=elsewhere)
        stranger = EnrolmentFactory(cohort=elsewhere)
        MembershipFactory(group=common, enrolment=stranger)
        MembershipFactory(group=common, enrolment=EnrolmentFactory(cohort=elsewhere, person=author.person))

        assert not sees(stranger, written(level="group"))

    def test_a_facilitator_taken_off_the_cohort_reads_nothing(self, written, group, cohort):
        reflection = written(level="facilitator")
        cohort.facilitators.clear()

        assert not sees(group.facilitator, reflection)


class TestEnding:
    @pytest.mark.parametrize("level", LEVELS[1:])
    def test_a_deactivated_person_reads_nothing_not_even_their_own(self, level, written, peer, author):
        reflection = written(level=level)
        User.objects.update(is_active=False)

        assert not sees(peer, reflection)
        assert not sees(author, reflection)

    @pytest.mark.parametrize("state", ["declined", "withdrawn", "left_organisation", "transferred", "invited"])
    @pytest.mark.parametrize("level", ["group", "cohort"])
    def test_who_takes_no_part_reads_nothing_even_if_the_membership_still_stands(self, level, state, written, peer):
        reflection = written(level=level)
        Enrolment.objects.filter(pk=peer.pk).update(state=state)

        assert not sees(peer, reflection)

    @pytest.mark.parametrize("state", ["paused", "completed"])
    def test_who_pauses_or_has_completed_still_belongs(self, state, written, peer):
        reflection = written(level="group")
        Enrolment.objects.filter(pk=peer.pk).update(state=state)

        assert sees(peer, reflection)

    @pytest.mark.parametrize("state", [Cohort.State.CANCELLED, Cohort.State.ARCHIVED])
    def test_a_cohort_that_is_over_is_closed_to_all_but_the_author(self, state, written, peer, group, author):
        reflection = written(level="cohort")
        Cohort.objects.update(state=state)

        assert not sees(peer, reflection)
        assert not sees(group.facilitator, reflection)
        assert sees(author, reflection)

    def test_what_nobody_can_open_any_more_is_not_listed(self, written, peer, author):
        reflection = written(level="group")
        sealing.destroy_key(author.person, NOW)

        assert not sees(peer, reflection)


@pytest.mark.parametrize("level", LEVELS[1:])
def test_taken_back_it_is_gone_for_everybody_else_at_once(level, readers, written):
    reflection = written(level=level)
    writing.take_back(reflection)

    assert [role for role, person in readers.items() if sees(person, reflection)] == ["author"]


def test_an_entry_is_private_until_its_author_says_otherwise(author):
    assert Reflection().visibility == "private"
    begun = writing.begin(author, pk=None or author.pk, message=None, prompt_key="", model_key="free", on=NOW.date())
    assert (begun.visibility, begun.shared_at) == ("private", None)


def test_nobody_meets_the_text_by_printing_an_entry(written):
    reflection = written("zebra")
    writing.save(reflection, {"text": "ny"}, edition=reflection.edition, now=NOW)

    for shown in (str(reflection), repr(reflection), repr(reflection.revisions.get())):
        assert "zebra" not in shown
