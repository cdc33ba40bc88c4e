import email
from datetime import UTC, date, datetime, timedelta
from email import policy

import icalendar
import pytest

from courseplatform.cohorts.models import Cohort, Enrolment, Workshop
from courseplatform.outbox.models import Message, PlanningTurn
from courseplatform.outbox.planning.invitations import calendar_file, plan_invitations
from courseplatform.outbox.planning.planner import plan
from courseplatform.outbox.sending.batches import send_due
from courseplatform.people.models import User
from tests.factories import EnrolmentFactory, WorkshopFactory

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 10, 12, 8, tzinfo=UTC)
State = Message.State


@pytest.fixture
def workshop():
    enrolment = EnrolmentFactory(person__display_name="Bjørn Ærø-Åkjær, leder af “Solgården”")
    return WorkshopFactory(cohort=enrolment.cohort)


def move(workshop, *, days=0, hours=0):
    shift = timedelta(days=days, hours=hours)
    workshop.starts_at += shift
    workshop.ends_at += shift
    workshop.ics_sequence += 1
    workshop.save()


def calendar_part(mail):
    parsed = email.message_from_bytes(mail.message().as_bytes(), policy=policy.default)
    return next(part for part in parsed.walk() if part.get_content_type() == "text/calendar")


def event_of(mail):
    calendar = icalendar.Calendar.from_ical(calendar_part(mail).get_payload(decode=True))
    return calendar, calendar.walk("VEVENT")[0]


def test_every_participant_is_invited_once(workshop, mailoutbox):
    EnrolmentFactory(cohort=workshop.cohort, state=Enrolment.State.DECLINED)

    assert plan_invitations(workshop.cohort, MONDAY) == 1
    assert plan_invitations(workshop.cohort, MONDAY) == 0
    send_due(MONDAY)

    assert [mail.to for mail in mailoutbox] == [[workshop.cohort.enrolments.get(state="active").person.email]]


def test_an_invitation_is_what_outlook_shows_with_answer_buttons(workshop, mailoutbox):
    plan_invitations(workshop.cohort, MONDAY)
    send_due(MONDAY)

    part = calendar_part(mailoutbox[0])
    calendar, event = event_of(mailoutbox[0])

    assert (part["Content-Type"].params["method"], part["Content-Type"].params["charset"]) == ("REQUEST", "utf-8")
    assert calendar["METHOD"] == "REQUEST"
    assert len(calendar.walk("VEVENT")) == 1
    assert event["UID"] == workshop.ics_uid
    assert event["SEQUENCE"] == 0
    assert event["ATTENDEE"] == f"mailto:{mailoutbox[0].to[0]}"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"
    assert event["ORGANIZER"] == f"mailto:{workshop.cohort.mailbox}"
    assert event["DTSTART"].params["TZID"] == "Europe/Copenhagen"
    assert event["DTSTART"].dt.replace(tzinfo=None) == datetime(2026, 10, 28, 8, 30)
    assert event["DTSTAMP"].dt == MONDAY


def test_the_calendar_stands_beside_the_texts_and_once_more_as_a_file(workshop, mailoutbox):
    plan_invitations(workshop.cohort, MONDAY)
    send_due(MONDAY)

    parsed = mailoutbox[0].message()
    alternative, attachment = parsed.get_payload()

    assert parsed.get_content_type() == "multipart/mixed"
    assert alternative.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in alternative.get_payload()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert attachment.get_filename() == "workshop.ics"


def test_the_lines_hold_without_a_library_too(workshop, mailoutbox):
    Workshop.objects.update(place="Det gamle rådhus, mødesal ”Fjorden”; 2. sal, " + "æøå " * 30)
    plan_invitations(workshop.cohort, MONDAY)
    send_due(MONDAY)

    raw = mailoutbox[0].message().get_payload()[1].get_payload(decode=True)
    lines = raw.split(b"\r\n")

    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines.count(b"BEGIN:VTIMEZONE") == lines.count(b"END:VTIMEZONE") == 1
    assert b"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in lines
    assert b"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10" in lines
    assert b"DTSTART;TZID=Europe/Copenhagen:20261028T083000" in lines
    unfolded = raw.replace(b"\r\n ", b"").decode()
    assert "LOCATION:Det gamle rådhus\\, mødesal ”Fjorden”\\; 2. sal\\, æøå" in unfolded


@pytest.mark.parametrize(("zone", "wall_time"), [("America/Nuuk", 5), ("Europe/Helsinki", 9), ("Asia/Kolkata", 13)])
def test_an_entry_brings_its_cohorts_own_zone_along(workshop, zone, wall_time):
    workshop.cohort.municipality.timezone = zone

    calendar = icalendar.Calendar.from_ical(calendar_file(workshop))
    [described], [event] = calendar.walk("VTIMEZONE"), calendar.walk("VEVENT")

    assert described["TZID"] == event["DTSTART"].params["TZID"] == zone
    assert event["DTSTART"].dt.hour == wall_time
    assert event["DTSTART"].dt.astimezone(UTC) == workshop.starts_at
    # Read by the description alone, as a calendar that knows no zone by its name does.
    naive = event["DTSTART"].dt.replace(tzinfo=None)
    assert naive.replace(tzinfo=described.to_tz()).astimezone(UTC) == workshop.starts_at


def test_a_moved_workshop_is_sent_to_all_again_after_ten_minutes(workshop, mailoutbox):
    plan_invitations(workshop.cohort, MONDAY)
    send_due(MONDAY)
    move(workshop, days=1)
    assert plan_invitations(workshop.cohort, MONDAY) == 1

    send_due(MONDAY + timedelta(minutes=9))
    assert len(mailoutbox) == 1
    send_due(MONDAY + timedelta(minutes=10))

    _, event = event_of(mailoutbox[1])
    assert (event["UID"], event["SEQUENCE"]) == (workshop.ics_uid, 1)
    assert event["DTSTART"].dt.replace(tzinfo=None) == datetime(2026, 10, 29, 8, 30)


def test_moved_back_and_forth_only_the_last_word_is_sent(workshop, mailoutbox):
    plan_invitations(workshop.cohort, MONDAY)
    send_due(MONDAY)
    for minutes, days in ((0, 1), (5, 1)):
        move(workshop, days=days)
        plan_invitations(workshop.cohort, MONDAY + timedelta(minutes=minutes))

    send_due(MONDAY + timedelta(minutes=20))

    assert [event_of(mail)[1]["SEQUENCE"] for mail in mailoutbox] == [0, 2]


def test_moved_back_before_anybody_heard_of_the_move_nothing_is_sent(workshop, mailoutbox):
    plan_invitations(workshop.cohort, MONDAY)
    send_due(MONDAY)
    for minutes, days in ((0, 1), (5, -1)):
        move(workshop, days=days)
        plan_invitations(workshop.cohort, MONDAY + timedelta(minutes=minutes))
    assert plan_invitations(workshop.cohort, MONDAY + timedelta(minutes=6)) == 0
    newcomer = EnrolmentFactory(cohort=workshop.cohort)
    plan_invitations(workshop.cohort, MONDAY + timedelta(minutes=7))

    send_due(MONDAY + timedelta(minutes=20))

    assert [(mail.to[0], event_of(mail)[1]["SEQUENCE"]) for mail in mailoutbox[1:]] == [(newcomer.person.email, 2)]


@pytest.mark.parametrize("on_its_way", [{"state": "sent"}, {"state": "claimed", "claim": 1}, {"maybe_sent": True}])
def test_moved_back_after_the_move_may_have_been_heard_of_it_is_told_again(workshop, mailoutbox, on_its_way):
    plan_invitations(workshop.cohort, MONDAY)
    send_due(MONDAY)
    move(workshop, days=1)
    plan_invitations(workshop.cohort, MONDAY)
    Message.objects.filter(occurrence_key__contains=":1:").update(**on_its_way)
    move(workshop, days=-1)

    assert plan_invitations(workshop.cohort, MONDAY + timedelta(minutes=5)) == 1
    assert Message.objects.get(occurrence_key__contains=":2:").state == State.DUE


def test_another_place_alone_is_news(workshop, mailoutbox):
    plan_invitations(workshop.cohort, MONDAY)
    send_due(MONDAY)
    Workshop.objects.update(place="Biblioteket", ics_sequence=1)

    assert plan_invitations(workshop.cohort, MONDAY) == 1


@pytest.mark.parametrize(
    ("model", "state", "reason"),
    [(Enrolment, "withdrawn", "not_enrolled"), (Cohort, "cancelled", "cohort_cancelled")],
)
def test_an_invitation_that_waits_for_somebody_who_has_left_is_called_off(workshop, model, state, reason):
    plan_invitations(workshop.cohort, MONDAY)
    model.objects.update(state=state)
    plan_invitations(Cohort.objects.get(), MONDAY)

    assert Message.objects.values_list("state", "reason").get() == ("cancelled", reason)


@pytest.mark.parametrize(
    ("lost", "mended"),
    [
        ({"undeliverable_since": MONDAY}, {"undeliverable_since": None}),
        ({"email": ""}, {"email": "anna@fjordby.example"}),
        ({"is_active": False}, {"is_active": True}),
    ],
)
def test_an_invitation_that_was_held_back_comes_once_its_reader_can_be_reached(workshop, mailoutbox, lost, mended):
    reader = User.objects.filter(enrolments__cohort=workshop.cohort)
    EnrolmentFactory(cohort=workshop.cohort, person__email="bo@fjordby.example")
    plan_invitations(workshop.cohort, MONDAY)
    reader.exclude(email="bo@fjordby.example").update(**lost)
    send_due(MONDAY)
    assert [mail.to for mail in mailoutbox] == [["bo@fjordby.example"]]
    assert plan_invitations(workshop.cohort, MONDAY) == 0

    reader.exclude(email="bo@fjordby.example").update(**mended)
    for minutes in (20, 40, 60):
        plan_invitations(workshop.cohort, MONDAY + timedelta(minutes=minutes))
        send_due(MONDAY + timedelta(minutes=minutes))

    assert len(mailoutbox) == 2
    assert mailoutbox[1].to == [reader.exclude(email="bo@fjordby.example").get().email]
    assert event_of(mailoutbox[1])[1]["SEQUENCE"] == 1


def test_an_invitation_that_an_operator_gave_up_does_not_come_again(workshop):
    plan_invitations(workshop.cohort, MONDAY)
    Message.objects.update(state=State.SUPPRESSED, reason="given_up")

    assert plan_invitations(workshop.cohort, MONDAY) == 0


def test_a_cancellation_waits_until_the_invitation_on_its_way_has_arrived(workshop):
    plan_invitations(workshop.cohort, MONDAY)
    request = Message.objects.filter(template="invitation")
    request.update(state=State.CLAIMED, claim=1)
    Workshop.objects.update(state=Workshop.State.CANCELLED, ics_sequence=1)
    plan(MONDAY)
    assert request.get().cancel_asked
    assert PlanningTurn.objects.get().plan_at == MONDAY + timedelta(minutes=1)

    request.update(state=State.SENT, claim=None)
    plan(MONDAY + timedelta(minutes=1))

    assert Message.objects.get(channel="calendar", state=State.DUE).template == "cancellation"


def test_a_move_shortly_before_the_day_is_told_in_the_evening_but_never_at_night(workshop, mailoutbox):
    plan_invitations(workshop.cohort, MONDAY)
    send_due(MONDAY)
    evening = datetime(2026, 10, 27, 18, tzinfo=UTC)  # 19:00 in Copenhagen, the evening before
    move(workshop, hours=1)
    plan_invitations(workshop.cohort, evening)
    night = datetime(2026, 10, 27, 20, tzinfo=UTC)

    send_due(night)
    assert len(mailoutbox) == 1
    assert Message.objects.get(state=State.DUE).due_at == datetime(2026, 10, 28, 5, 30, tzinfo=UTC)
    move(workshop, hours=1)
    plan_invitations(workshop.cohort, evening)
    send_due(evening + timedelta(minutes=10))

    assert len(mailoutbox) == 2


def test_a_cancellation_reaches_only_those_who_were_invited(workshop, mailoutbox):
    plan_invitations(workshop.cohort, MONDAY)
    send_due(MONDAY)
    newcomer = EnrolmentFactory(cohort=workshop.cohort)
    plan_invitations(workshop.cohort, MONDAY)
    Workshop.objects.update(state=Workshop.State.CANCELLED, ics_sequence=1)
    workshop.refresh_from_db()

    assert plan_invitations(workshop.cohort, MONDAY) == 1
    send_due(MONDAY)

    calendar, event = event_of(mailoutbox[1])
    assert len(mailoutbox) == 2
    assert mailoutbox[1].to == mailoutbox[0].to
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert event["UID"] == workshop.ics_uid
    assert Message.objects.get(enrolment=newcomer).state == State.CANCELLED


def test_a_cancelled_cohort_still_empties_the_calendars(workshop, mailoutbox):
    plan_invitations(workshop.cohort, MONDAY)
    send_due(MONDAY)
    Workshop.objects.update(state=Workshop.State.CANCELLED, ics_sequence=1)
    Cohort.objects.update(state=Cohort.State.CANCELLED)
    plan_invitations(Cohort.objects.get(), MONDAY)

    send_due(MONDAY)

    assert len(mailoutbox) == 2


@pytest.mark.parametrize("state", [Cohort.State.DRAFT, Cohort.State.PLANNED])
def test_nobody_hears_of_a_cohort_that_is_still_being_planned(workshop, state):
    Cohort.objects.update(state=state)

    assert plan_invitations(Cohort.objects.get(), MONDAY) == 0


def test_somebody_who_accepts_early_is_invited_28_days_before_the_start(mailoutbox):
    enrolment = EnrolmentFactory(state=Enrolment.State.ACCEPTED, cohort__state=Cohort.State.ENROLLING)
    WorkshopFactory(cohort=enrolment.cohort)
    june = datetime(2026, 6, 15, 8, tzinfo=UTC)
    plan_invitations(enrolment.cohort, june)
    send_due(june)
    assert mailoutbox == []

    send_due(datetime(2026, 8, 3, 6, 30, tzinfo=UTC))

    assert enrolment.cohort.starts_on - timedelta(days=28) == date(2026, 8, 3)
    assert len(mailoutbox) == 1


def test_invitations_do_not_take_the_place_of_questions(workshop, mailoutbox):
    plan_invitations(workshop.cohort, MONDAY)
    send_due(MONDAY)

    assert workshop.cohort.enrolments.get().person.pk not in Message.objects.filter(state=State.DUE).values_list(
        "person"
    )
    from courseplatform.outbox.models import WeeklyCount

    assert WeeklyCount.objects.count() == 0


def test_the_file_for_any_calendar_asks_for_no_answer(workshop):
    calendar = icalendar.Calendar.from_ical(calendar_file(workshop))
    event = calendar.walk("VEVENT")[0]

    assert calendar["METHOD"] == "PUBLISH"
    assert event["UID"] == workshop.ics_uid
    assert "ATTENDEE" not in event
    assert "ORGANIZER" not in event
    assert calendar_file(workshop) == calendar_file(workshop)
