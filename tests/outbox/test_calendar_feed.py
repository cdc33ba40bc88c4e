"""A calendar to subscribe to: its own person's days, at an address that can be changed, and not a word of anybody."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from django.urls import reverse

from courseplatform.cohorts.models import Enrolment, GroupMeeting, Workshop
from courseplatform.cohorts.transitions import seat as seats
from courseplatform.outbox.reading.calendar_feed import file_of, renew, stop, token_of
from tests.factories import (
    EnrolmentFactory,
    GroupFactory,
    MeetingFactory,
    MembershipFactory,
    UserFactory,
    WorkshopFactory,
)

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 28, 7, 30, tzinfo=UTC)


@pytest.fixture
def enrolment():
    return EnrolmentFactory(person__language="da", person__display_name="Leder, Engholm")


@pytest.fixture
def group(enrolment):
    group = GroupFactory(cohort=enrolment.cohort, name="Gruppen om Solgården")
    MembershipFactory(enrolment=enrolment, group=group)
    return group


def fetched(client, token):
    return client.get(reverse("calendar-feed", args=[token]))


def entries(person):
    return {str(one["uid"]): one for one in icalendar.Calendar.from_ical(file_of(person)).walk("VEVENT")}


def test_there_is_none_until_somebody_asks(enrolment, client):
    assert token_of(enrolment.person) == ""
    assert fetched(client, f"{enrolment.person.pk.hex}{'a' * 24}").status_code == 404


def test_it_holds_the_days_of_its_person_and_of_nobody_else(enrolment, group):
    workshop = WorkshopFactory(cohort=enrolment.cohort)
    meeting = MeetingFactory(group=group, state="scheduled", starts_at=AT, ends_at=AT + timedelta(hours=3))
    MeetingFactory(group=GroupFactory(cohort=enrolment.cohort, name="En anden"), state="scheduled", starts_at=AT,
                   ends_at=AT + timedelta(hours=3))  # fmt: skip
    WorkshopFactory(cohort=enrolment.cohort, key="w3", state=Workshop.State.DRAFT)
    WorkshopFactory()  # of another cohort

    assert set(entries(enrolment.person)) == {workshop.ics_uid, meeting.ics_uid}


def test_a_seat_stands_in_the_calendar_of_who_sits_in_it(enrolment):
    workshop, colleague = (
        WorkshopFactory(cohort=enrolment.cohort),
        UserFactory(municipality=enrolment.person.municipality),
    )
    seats.send(workshop, enrolment, colleague, by=enrolment.person, now=AT - timedelta(days=2))

    assert (set(entries(enrolment.person)), set(entries(colleague))) == (set(), {workshop.ics_uid})


def test_it_says_when_and_where_and_nothing_else(enrolment, group):
    group.agreement = "Vi siger det, som det er"
    group.save()
    MeetingFactory(group=group, state="scheduled", starts_at=AT, ends_at=AT + timedelta(hours=3), place="Mødelokale 4")
    text = file_of(enrolment.person).decode()

    assert "SUMMARY:Din læringsgruppe mødes" in text
    assert "LOCATION:Mødelokale 4" in text
    assert "DTSTART;TZID=Europe/Copenhagen:20261028T083000" in text
    for word in ("Solgården", "som det er", "Engholm", "ATTENDEE", "ORGANIZER", enrolment.person.email):
        assert word not in text


def test_what_is_off_is_there_as_cancelled(enrolment):
    workshop = WorkshopFactory(cohort=enrolment.cohort, state=Workshop.State.CANCELLED)

    assert entries(enrolment.person)[workshop.ics_uid]["status"] == "CANCELLED"


def test_it_needs_no_sign_in_and_a_new_address_ends_the_old_one(enrolment, client):
    renew(enrolment.person)
    first = token_of(enrolment.person)
    assert fetched(client, first).headers["Content-Type"] == "text/calendar; charset=utf-8"

    renew(enrolment.person)
    assert fetched(client, first).status_code == 404
    assert fetched(client, token_of(enrolment.person)).status_code == 200


def test_closed_it_stays_closed_at_every_address_it_had(enrolment, client):
    renew(enrolment.person)
    first = token_of(enrolment.person)
    stop(enrolment.person)
    assert token_of(enrolment.person) == ""
    assert fetched(client, first).status_code == 404

    renew(enrolment.person)
    assert token_of(enrolment.person) != first
    assert fetched(client, first).status_code == 404


@pytest.mark.parametrize("change", ["leaves the cohort", "leaves the organisation", "another group"])
def test_who_does_not_belong_there_any_more_sees_nothing_new(enrolment, group, client, change):
    WorkshopFactory(cohort=enrolment.cohort)
    MeetingFactory(group=group, state=GroupMeeting.State.SCHEDULED, starts_at=AT, ends_at=AT + timedelta(hours=3))
    renew(enrolment.person)
    token = token_of(enrolment.person)
    if change == "leaves the organisation":
        type(enrolment.person).objects.update(is_active=False)
        assert fetched(client, token).status_code == 404
        return
    if change == "leaves the cohort":
        Enrolment.objects.update(state=Enrolment.State.WITHDRAWN)
    group.memberships.update(left_at=AT)

    assert b"ringsgruppe" not in fetched(client, token).content
    assert (b"BEGIN:VEVENT" in fetched(client, token).content) == (change == "another group")


@pytest.mark.parametrize("token", ["x", "0" * 32, "g" * 56, "æ" * 40])
def test_an_address_we_did_not_make_leads_nowhere(client, token):
    assert fetched(client, token).status_code == 404


def test_the_page_makes_it_changes_it_and_closes_it(enrolment, client):
    client.force_login(enrolment.person)
    assert "readonly" not in client.get("/min-side/kalender/").content.decode()

    client.post("/min-side/kalender/")
    first = token_of(enrolment.person)
    assert f"/kalender/{first}.ics" in client.get("/min-side/kalender/").content.decode()

    client.post("/min-side/kalender/")
    assert token_of(enrolment.person) not in ("", first)
    client.post("/min-side/kalender/", {"stop": "1"})
    assert token_of(enrolment.person) == ""


@pytest.mark.parametrize("number", [1, 12])
def test_the_queries_are_few_and_flat(enrolment, client, django_assert_num_queries, number):
    for _ in range(number):
        WorkshopFactory(cohort=enrolment.cohort)
    renew(enrolment.person)
    token = token_of(enrolment.person)
    fetched(client, token)
    with django_assert_num_queries(3):
        fetched(client, token)
