"""Moving and cancelling a workshop: shown through first, then done, and the messages follow."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from courseplatform.cohorts.models import Workshop
from courseplatform.outbox.models import Message
from tests.factories import MessageFactory

pytestmark = pytest.mark.django_db

A_WEEK_LATER = {
    "day": "2026-11-04",
    "starts": "08:30",
    "ends": "14:30",
    "place": "Rådhuset, sal 2",
    "link": "",
    "seen": 0,
}


@pytest.fixture
def workshop(make_cohort):
    cohort = make_cohort(people=4)
    workshop = cohort.workshops.get()
    for enrolment in cohort.enrolments.all():
        MessageFactory(
            enrolment=enrolment,
            kind="reminder",
            template="p-w2-prepare",
            workshop=workshop,
            occurrence_key=f"{workshop.pk}:0:p-w2-prepare:0",
            state="sent",
            due_at=datetime(2026, 10, 23, 6, 30, tzinfo=UTC),
            local_at=datetime(2026, 10, 23, 8, 30, tzinfo=UTC),
            sent_at=datetime(2026, 10, 23, 6, 30, tzinfo=UTC),
        )
    return workshop


def test_the_preview_moves_nothing_and_says_who_is_told(browser, workshop):
    page = browser.post(reverse("workshop-move", args=[workshop.pk]), A_WEEK_LATER)

    workshop.refresh_from_db()
    assert len(page.context["told"].reachable) == 4
    assert "Move it, and tell 4" in page.content.decode()
    assert workshop.starts_at == datetime(2026, 10, 28, 7, 30, tzinfo=UTC)
    assert not Message.objects.filter(kind="event").exists()


def test_after_the_yes_it_is_moved_and_everybody_gets_the_new_date_once(browser, workshop):
    for _ in range(2):
        browser.post(reverse("workshop-move", args=[workshop.pk]), A_WEEK_LATER | {"confirmed": "1"})

    workshop.refresh_from_db()
    assert workshop.starts_at == datetime(2026, 11, 4, 7, 30, tzinfo=UTC)
    assert (workshop.ics_sequence, workshop.move_generation) == (1, 1)
    assert Message.objects.filter(kind="event", workshop=workshop, state="due").count() == 4


def test_a_page_older_than_the_last_move_is_refused(browser, workshop):
    browser.post(reverse("workshop-move", args=[workshop.pk]), A_WEEK_LATER | {"confirmed": "1"})

    stale = A_WEEK_LATER | {"day": "2026-11-05", "confirmed": "1"}
    assert browser.post(reverse("workshop-move", args=[workshop.pk]), stale).status_code == 409


@pytest.mark.parametrize("changes", [{"day": "2026-10-20"}, {"ends": "08:00"}, {"place": " "}, {"day": "en onsdag"}])
def test_an_impossible_date_is_explained_at_its_field(browser, workshop, changes):
    page = browser.post(reverse("workshop-move", args=[workshop.pk]), A_WEEK_LATER | changes | {"confirmed": "1"})

    workshop.refresh_from_db()
    assert page.context["form"].errors
    assert workshop.ics_sequence == 0


def test_a_collision_is_said_before_the_yes(browser, workshop):
    page = browser.post(reverse("workshop-move", args=[workshop.pk]), A_WEEK_LATER | {"day": "2026-12-23"})

    assert [str(sentence) for sentence in page.context["why_not"]] == ["It is between Christmas and New Year."]


def test_cancelling_needs_a_reason_and_keeps_it(browser, workshop):
    address = reverse("workshop-cancel", args=[workshop.pk])

    assert browser.post(address, {"reason": " "}).context["form"].errors
    browser.post(address, {"reason": "Salen er oversvømmet"})

    workshop.refresh_from_db()
    assert (workshop.state, workshop.state_reason) == (Workshop.State.CANCELLED, "Salen er oversvømmet")


def test_a_workshop_is_held_by_hand_only_after_it_has_ended(browser, workshop):
    assert browser.post(reverse("workshop-hold", args=[workshop.pk])).status_code == 409


def test_the_sent_reminder_that_goes_again_is_named_with_its_new_day(browser, workshop):
    changes = browser.post(reverse("workshop-move", args=[workshop.pk]), A_WEEK_LATER).context["changes"]

    [prepare] = [row["change"] for row in changes if row["change"].template == "p-w2-prepare"]
    assert prepare.is_sent_again
    assert (prepare.people, prepare.was_sent, prepare.becomes) == (4, date(2026, 10, 23), date(2026, 10, 29))
