"""After a standstill: nothing stale, no heap, event changes first, and one line for HR (DELIVERY §7, T3)."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from threading import Thread

import pytest
from django.db import connection

from courseplatform.outbox.models import Message, Outage, Pulse
from courseplatform.outbox.planning.planner import replan
from courseplatform.outbox.sending.outages import coalesce, notice, outages_of, put_away
from tests.factories import (
    CalendarPolicyFactory,
    CohortFactory,
    EnrolmentFactory,
    MessageFactory,
    RoleFactory,
    UserFactory,
    WorkshopFactory,
)
from worker import ticks

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.VAR, settings.REDIS_URL = tmp_path, ""


def state_of(message):
    message.refresh_from_db()
    return message.state, message.reason


def prompt(enrolment, due_at, **fields):
    usual = {"local_at": due_at + HOUR, "expires_at": due_at + 14 * DAY}
    return MessageFactory(enrolment=enrolment, due_at=due_at, **usual | fields)


# --- Thinning out ----------------------------------------------------------------------------------------------------
@pytest.fixture
def enrolment(db):
    return EnrolmentFactory()


def test_of_the_same_question_asked_three_times_the_latest_goes(enrolment):
    asked = [prompt(enrolment, TUESDAY - days * DAY) for days in (5, 3, 1)]

    assert coalesce(TUESDAY) == 2
    assert [state_of(one) for one in asked] == [("suppressed", "stale"), ("suppressed", "stale"), ("due", "")]
    assert coalesce(TUESDAY) == 0


def test_less_than_a_day_late_everything_goes(enrolment):
    asked = [prompt(enrolment, TUESDAY - hours * HOUR) for hours in (23, 1)]

    assert coalesce(TUESDAY) == 0
    assert [state_of(one) for one in asked] == [("due", ""), ("due", "")]


def test_different_questions_other_peoples_and_other_kinds_are_left(enrolment):
    others = [
        prompt(enrolment, TUESDAY - 5 * DAY),
        prompt(enrolment, TUESDAY - 3 * DAY, template="p-a1-courage"),
        prompt(EnrolmentFactory(cohort=enrolment.cohort), TUESDAY - 3 * DAY),
        prompt(enrolment, TUESDAY - 5 * DAY, template="s", kind="survey"),
        prompt(enrolment, TUESDAY - 3 * DAY, template="s", kind="survey"),
        prompt(enrolment, TUESDAY + 3 * DAY),
    ]

    assert coalesce(TUESDAY) == 0
    assert {state_of(one) for one in others} == {("due", "")}


def test_nobody_is_asked_a_second_time_what_they_were_never_asked_once(enrolment):
    first = prompt(enrolment, TUESDAY - 3 * HOUR, occurrence_key="a2:0:p-a2-tuesday:0")
    second = prompt(enrolment, TUESDAY - HOUR, occurrence_key="a2:0:p-a2-tuesday:1", is_follow_up=True)

    assert coalesce(TUESDAY) == 1
    assert (state_of(first), state_of(second)) == (("due", ""), ("suppressed", "stale"))


def test_the_same_question_about_something_else_stops_no_second_time_of_asking(enrolment):
    other = prompt(enrolment, TUESDAY - HOUR, occurrence_key="r2:0:p-a2-tuesday:0")
    second = prompt(enrolment, TUESDAY - HOUR, occurrence_key="r1:0:p-a2-tuesday:1", is_follow_up=True)

    assert coalesce(TUESDAY) == 0
    assert (state_of(other), state_of(second)) == (("due", ""), ("due", ""))


def test_a_second_time_of_asking_goes_when_the_first_has_gone(enrolment):
    prompt(enrolment, TUESDAY - 5 * DAY, occurrence_key="a2:0:p-a2-tuesday:0", state="sent")
    second = prompt(enrolment, TUESDAY - 2 * DAY, occurrence_key="a2:0:p-a2-tuesday:1", is_follow_up=True)

    assert coalesce(TUESDAY) == 0
    assert state_of(second) == ("due", "")


# --- Noticing --------------------------------------------------------------------------------------------------------
def pulse(**stamps):
    return Pulse.objects.create(pk=1, **stamps)


def test_a_standstill_is_written_down_once_for_each_cohort_it_touched(enrolment):
    pulse(dispatched_at=TUESDAY - 2 * DAY)
    prompt(enrolment, TUESDAY - HOUR)
    prompt(enrolment, TUESDAY - 3 * HOUR, expires_at=TUESDAY - HOUR)
    elsewhere = MessageFactory(due_at=TUESDAY - HOUR).enrolment.cohort
    MessageFactory(due_at=TUESDAY + HOUR)

    for _ in range(3):
        ticks.whole_pass(TUESDAY)

    found = {one.cohort: (one.late, one.held_back, one.began_at, one.ended_at) for one in Outage.objects.all()}
    assert found[enrolment.cohort] == (1, 1, TUESDAY - 2 * DAY, TUESDAY)
    assert found[elsewhere] == (1, 0, TUESDAY - 2 * DAY, TUESDAY)
    assert len(found) == 2


def test_a_restart_is_no_standstill(enrolment):
    beat = pulse(dispatched_at=TUESDAY - timedelta(minutes=59))
    prompt(enrolment, TUESDAY - timedelta(minutes=30))

    assert not notice(beat, TUESDAY)
    assert not Outage.objects.exists()


def test_the_very_first_tick_is_no_standstill(enrolment):
    assert not notice(pulse(), TUESDAY)


@pytest.mark.django_db(transaction=True)
def test_three_who_notice_at_once_write_it_down_once():
    cohort = EnrolmentFactory().cohort
    beat = pulse(dispatched_at=TUESDAY - 2 * DAY)
    for days in (5, 1):
        prompt(EnrolmentFactory(cohort=cohort), TUESDAY - days * HOUR)

    def look():
        try:
            notice(beat, TUESDAY)
        finally:
            connection.close()

    threads = [Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [(one.late, one.held_back) for one in Outage.objects.all()] == [(2, 0)]


# --- What HR sees ----------------------------------------------------------------------------------------------------
@pytest.fixture
def outage(db):
    cohort = CohortFactory(owner_hr=RoleFactory().person)
    return Outage.objects.create(cohort=cohort, began_at=TUESDAY - 2 * DAY, ended_at=TUESDAY, late=3, held_back=1)


def test_hr_reads_how_long_how_late_and_how_many_and_puts_it_away(outage, client):
    page, seen = f"/hold/{outage.cohort_id}/", f"/hold/{outage.cohort_id}/stilstand/{outage.pk}/"
    client.force_login(outage.cohort.owner_hr)
    text = client.get(page).content.decode().replace("\u00a0", " ")

    assert "søndag den 25. oktober kl. 09.00 – tirsdag den 27. oktober kl. 09.00" in text
    assert "3 beskeder kommer senere end planlagt" in text
    assert "1 besked er holdt tilbage" in text
    assert client.get(seen).status_code == 405
    assert client.post(seen)["Location"] == page
    assert "stået stille" not in client.get(page).content.decode()


def test_the_first_time_it_is_seen_stands(outage):
    put_away(outage, TUESDAY)
    put_away(outage, TUESDAY + DAY)

    assert Outage.objects.get().seen_at == TUESDAY
    assert not outages_of(outage.cohort).exists()


def test_what_was_read_with_it_goes_too_and_what_came_since_stays(outage, client):
    for days in (-9, 3):
        began = outage.began_at + days * DAY
        Outage.objects.create(cohort=outage.cohort, began_at=began, ended_at=began + DAY, late=1)

    put_away(outage, TUESDAY)

    assert [one.began_at for one in outages_of(outage.cohort)] == [outage.began_at + 3 * DAY]


def test_an_outage_of_another_cohort_is_not_found_there(outage, client):
    other = CohortFactory(owner_hr=outage.cohort.owner_hr)
    client.force_login(other.owner_hr)

    assert client.post(f"/hold/{other.pk}/stilstand/{outage.pk}/").status_code == 404
    assert Outage.objects.get().seen_at is None


# --- T3: over the end of summer time, over its beginning and Easter --------------------------------------------------
AUTUMN = datetime(2026, 10, 23, 5, 0, tzinfo=UTC)  # a Friday; summer time ends on Sunday
EASTER = datetime(2027, 3, 23, 6, 0, tzinfo=UTC)  # a Tuesday; Maundy Thursday to Easter Monday, and summer time begins
CLOSED = [date(2027, 3, day) for day in (25, 26, 28, 29)]
MOMENT = timedelta(minutes=1)
WORKSHOPS = {"w2": datetime(2026, 10, 28, 7, 30, tzinfo=UTC), "w4": datetime(2027, 3, 31, 6, 30, tzinfo=UTC)}


@pytest.fixture
def cohort(db):
    cohort = CohortFactory()
    CalendarPolicyFactory(municipality=cohort.municipality)
    for key, at in {
        "w2": datetime(2026, 10, 28, 7, 30, tzinfo=UTC),
        "w4": datetime(2027, 3, 31, 6, 30, tzinfo=UTC),
    }.items():
        WorkshopFactory(cohort=cohort, key=key, starts_at=at, ends_at=at + 6 * HOUR)
    EnrolmentFactory(cohort=cohort, person=UserFactory(line_manager=UserFactory()))
    return cohort


def live(begins, ends):
    """As if somebody had ticked all the time; two ticks a day are real, both in the send window."""
    day = begins.date()
    while day <= ends.date():
        for hour in (7, 10):
            now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
            if begins <= now < ends:
                Pulse.objects.update(dispatched_at=now - MOMENT)
                ticks.whole_pass(now)
        day += DAY


def fall_silent(since, until):
    """The last tick, then nothing, then the first tick again."""
    Pulse.objects.update(dispatched_at=since)
    promised = promised_between(since, until)
    ticks.whole_pass(until)
    return promised


def promised_between(since, until):
    return Message.objects.filter(state="due", due_at__gt=since, due_at__lte=until).count()


@pytest.mark.parametrize("silent_from", [AUTUMN, EASTER], ids=["end of summer time", "Easter"])
@pytest.mark.parametrize("silent_for", [6 * HOUR, 26 * HOUR, 5 * DAY, 20 * DAY], ids=str)
def test_an_outage_ends_calmly(silent_from, silent_for, cohort):
    back = silent_from + silent_for
    live(silent_from - 3 * DAY, silent_from)
    promised = fall_silent(silent_from, back)
    live(back + MOMENT, back + 7 * DAY)

    late = list(Message.objects.filter(sent_at__gte=back).select_related("workshop").order_by("sent_at"))
    assert late
    assert [one for one in late if one.sent_at >= one.expires_at] == []
    assert [one for one in late if one.sent_at.date() in CLOSED or one.sent_at.weekday() > 4] == []
    assert heaps(late) == []
    assert [str(one) for one in late if is_useless(one)] == []
    assert asked_twice(late) == []
    over = Message.objects.filter(state__in=["due", "claimed"], expires_at__lt=back + 6 * DAY)
    assert not over.exists()
    outage = Outage.objects.filter(cohort=cohort).first()
    assert (outage.late + outage.held_back if outage else 0) >= promised
    assert Outage.objects.count() <= 1
    if outage:
        assert (outage.began_at, outage.ended_at) == (silent_from, back)


def heaps(messages):
    """Days on which somebody got more than one mail, and mails of one person less than two days apart."""
    mails = [one for one in messages if one.state == "sent" and one.kind != "event"]
    by_person = {one.person_id: [mail.sent_at for mail in mails if mail.person_id == one.person_id] for one in mails}
    return [
        (sooner, later)
        for times in by_person.values()
        for sooner, later in pairwise(times)
        if later - sooner < 47 * HOUR
    ]


def is_useless(message):
    """A reminder less than four working hours before its event: the window opens at eight (MODEL S6)."""
    is_reminder = message.kind == "reminder" and message.workshop
    return is_reminder and message.sent_at > message.workshop.starts_at - 4 * HOUR


def asked_twice(messages):
    """The same question to the same person twice in what came after the outage, first time and follow-up included."""
    asked = [(one.enrolment_id, one.person_id, one.template, one.sent_at) for one in messages if one.kind == "prompt"]
    return sorted({one for one in asked if asked.count(one) > 1}, key=str)


def test_after_twenty_days_hr_hears_of_what_had_not_even_been_planned(cohort):
    live(AUTUMN - 2 * DAY, AUTUMN)
    written = fall_silent(AUTUMN, AUTUMN + 20 * DAY)

    outage = Outage.objects.get()
    assert outage.late + outage.held_back > written
    stale = Message.objects.filter(state="suppressed", reason__in=["stale", "too_late", "expired"])
    assert outage.held_back > 0
    assert stale.exists()


def test_event_changes_go_first_after_an_outage(cohort, mailoutbox):
    live(AUTUMN - 2 * DAY, AUTUMN)
    invitations = Message.objects.filter(kind="event", state="sent")
    invitations.update(state="due", due_at=AUTUMN + HOUR)
    late = [prompt(EnrolmentFactory(cohort=cohort), AUTUMN + HOUR - MOMENT) for _ in range(3)]
    before = len(mailoutbox)

    back = AUTUMN + 4 * DAY + 3 * HOUR
    fall_silent(AUTUMN, back)
    live(back + MOMENT, back + 2 * DAY)

    kinds = ["calendar" if mail.attachments else "mail" for mail in mailoutbox[before:]]
    assert kinds == sorted(kinds)
    assert kinds.count("mail") >= len(late)
    assert kinds.count("calendar") >= len(late)


def test_what_waits_for_the_morning_after_an_outage_is_still_there_when_it_is_planned_again(cohort):
    night = TUESDAY.replace(hour=3)
    replan(cohort, night)
    waiting = due_soon(night)

    assert replan(cohort, night) == 0
    replan(cohort, night + HOUR)
    assert due_soon(night) == waiting != []


def due_soon(now):
    rows = Message.objects.filter(state="due", due_at__lt=now + DAY).exclude(kind="event")
    return list(rows.order_by("pk").values_list("pk", "due_at"))
