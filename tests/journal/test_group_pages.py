"""The learning group's page and the facilitator's."""

import html
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from courseplatform.cohorts import transitions
from courseplatform.cohorts.models import Cohort, GroupMembership
from courseplatform.people.models import RoleAssignment
from tests.factories import (
    CohortFactory,
    EnrolmentFactory,
    GroupFactory,
    MeetingFactory,
    MembershipFactory,
    RoleFactory,
    UserFactory,
    WorkshopFactory,
)
from tests.journal.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _october():
    with time_machine.travel(NOW, tick=False):
        yield


def page_of(response):
    return html.unescape(response.content.decode()).replace("\xa0", " ")


class TestGroup:
    def test_it_tells_who_we_are_when_we_meet_and_that_it_stays_here(self, signed_in, author, peer, group):
        MeetingFactory(
            group=group,
            key="g2",
            state="scheduled",
            starts_at=datetime(2026, 11, 18, 8, tzinfo=UTC),
            ends_at=datetime(2026, 11, 18, 11, tzinfo=UTC),
        )
        page = page_of(signed_in(author.person).get(reverse("group")))

        for words in (
            "Gruppe 4",
            "Det, der deles her, bliver her.",
            "Leder, Byggesag",
            "Møde 2",
            "onsdag den 18. november",
        ):
            assert words in page

    def test_the_next_meeting_is_the_first_that_is_not_over(self, signed_in, author, group):
        past = NOW - timedelta(days=20)
        MeetingFactory(group=group, key="g1", state="scheduled", starts_at=past, ends_at=past + timedelta(hours=3))
        MeetingFactory(group=group, key="g2", state="cancelled")
        MeetingFactory(group=group, key="g3")

        page = page_of(signed_in(author.person).get(reverse("group")))
        assert "Møde 3" in page
        assert "Gruppen har ikke fundet en dag endnu." in page

    def test_who_has_left_is_not_among_us(self, signed_in, author, peer):
        GroupMembership.objects.filter(enrolment=peer).update(left_at=NOW)

        page = page_of(signed_in(author.person).get(reverse("group")))
        assert "<li>Leder, Byggesag" not in page
        assert "Leder, Byggesag er nu i en anden gruppe." in page

    def test_who_has_left_the_cohort_is_told_without_a_reason(self, signed_in, author, peer):
        transitions.enrolment.withdraw(peer, reason="Har fået nyt job på Samsø", now=NOW)

        page = page_of(signed_in(author.person).get(reverse("group")))
        assert "Leder, Byggesag har forladt holdet." in page
        assert "Samsø" not in page

    def test_what_is_shared_stands_newest_first(self, signed_in, author, peer, written):
        written(level="group", by=peer, now=NOW)
        third = EnrolmentFactory(cohort=author.cohort, person__display_name="Leder, Skole")
        written(level="cohort", by=third, now=NOW + timedelta(hours=1))
        page = page_of(signed_in(author.person).get(reverse("group")))

        assert page.index("Leder, Skole") < page.index("Leder, Byggesag")
        assert "Delt med hele holdet" in page

    def test_without_a_group_it_says_when_there_will_be_one(self, signed_in, cohort):
        alone = EnrolmentFactory(cohort=cohort)

        assert "Du er ikke i en læringsgruppe endnu." in page_of(signed_in(alone.person).get(reverse("group")))

    def test_with_two_groups_the_latest_cohorts_comes_first_and_the_other_can_be_chosen(self, signed_in, author):
        spring = CohortFactory(starts_on=datetime(2026, 9, 28).date())
        other = GroupFactory(cohort=spring, name="Gruppe Ny")
        MembershipFactory(group=other, enrolment=EnrolmentFactory(cohort=spring, person=author.person))
        browser = signed_in(author.person)

        assert "<h1>Gruppe Ny</h1>" in page_of(browser.get(reverse("group")))
        assert "<h1>Gruppe 4</h1>" in page_of(browser.get(reverse("group"), {"hold": author.cohort_id}))

    def test_a_group_one_is_not_in_cannot_be_chosen(self, signed_in, author):
        stranger = GroupFactory(name="Fremmed")

        page = page_of(signed_in(author.person).get(reverse("group"), {"hold": stranger.cohort_id}))
        assert "<h1>Gruppe 4</h1>" in page

    def test_queries(self, signed_in, author, peer, cohort, group, written, django_assert_num_queries):
        browser = signed_in(author.person)
        written(level="group", by=peer)
        browser.get(reverse("group"))
        with django_assert_num_queries(QUERIES := 12):
            browser.get(reverse("group"))
        for _ in range(4):
            member = EnrolmentFactory(cohort=cohort)
            MembershipFactory(group=group, enrolment=member)
            written(level="group", by=member)
        with django_assert_num_queries(QUERIES):
            browser.get(reverse("group"))


class TestFacilitator:
    def test_it_shows_dates_groups_and_what_is_shared_with_the_facilitator(self, signed_in, author, group, written):
        WorkshopFactory(cohort=group.cohort)
        written(level="facilitator")
        page = page_of(signed_in(group.facilitator).get(reverse("facilitator")))

        for words in ("onsdag den 28. oktober", "Gruppe 4", "Leder, Engholm", reverse("wagtailadmin_home")):
            assert words in page

    def test_what_is_shared_with_the_group_alone_is_not_even_mentioned(self, signed_in, group, written):
        reflection = written(level="group")

        assert str(reflection.pk) not in page_of(signed_in(group.facilitator).get(reverse("facilitator")))

    def test_another_facilitators_group_is_not_shown(self, signed_in, author, group, written):
        other = UserFactory()
        group.cohort.facilitators.add(other)
        reflection = written(level="facilitator")
        page = page_of(signed_in(other).get(reverse("facilitator")))

        assert str(reflection.pk) not in page
        assert "Gruppe 4" not in page

    def test_a_facilitator_without_a_cohort_may_still_write_content(self, signed_in):
        facilitator = RoleFactory(kind=RoleAssignment.Kind.FACILITATOR).person

        page = page_of(signed_in(facilitator).get(reverse("facilitator")))
        assert "Du er ikke facilitator på et hold lige nu." in page

    def test_a_cancelled_cohort_is_not_shown(self, signed_in, group, author, written):
        reflection = written(level="facilitator")
        Cohort.objects.update(state="cancelled")
        RoleFactory(person=group.facilitator, kind=RoleAssignment.Kind.FACILITATOR)

        page = page_of(signed_in(group.facilitator).get(reverse("facilitator")))
        assert str(reflection.pk) not in page
        assert "Gruppe 4" not in page

    def test_nobody_else_has_this_page(self, signed_in, author):
        assert signed_in(author.person).get(reverse("facilitator")).status_code == 404

    def test_queries(self, signed_in, cohort, group, author, written, django_assert_num_queries):
        browser = signed_in(group.facilitator)
        WorkshopFactory(cohort=cohort)
        written(level="facilitator")
        browser.get(reverse("facilitator"))
        with django_assert_num_queries(QUERIES := 13):
            browser.get(reverse("facilitator"))
        another = CohortFactory()
        another.facilitators.add(group.facilitator)
        for place in (cohort, another):
            more = GroupFactory(cohort=place, facilitator=group.facilitator)
            MeetingFactory(group=more)
            WorkshopFactory(cohort=place, key="w3")
            for _ in range(3):
                member = EnrolmentFactory(cohort=place)
                MembershipFactory(group=more, enrolment=member)
                written(level="facilitator", by=member)
        with django_assert_num_queries(QUERIES):
            browser.get(reverse("facilitator"))
