"""Three questions stayed open: a fortnight of quiet and one line, and nobody else is told (MODEL P7)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from courseplatform.insights.ledger.reading import OPEN_REASONS, shown
from courseplatform.outbox.models import BackOff, Message
from courseplatform.outbox.planning.gathering import gather
from courseplatform.outbox.planning.planned import Standing
from courseplatform.outbox.planning.planner import plan
from courseplatform.outbox.planning.preview import preview
from courseplatform.outbox.reading.answering import answer, dismiss
from courseplatform.outbox.reading.back_off import decide, leaves_questions_open, look
from courseplatform.outbox.reading.unsubscribing import stop_kind
from courseplatform.outbox.sending.batches import send_due
from courseplatform.people.models import NotificationPreference
from tests.factories import CalendarPolicyFactory, EnrolmentFactory, MessageFactory, UserFactory
from tests.outbox.people import calendar

NOW = datetime(2026, 11, 2, 7, tzinfo=UTC)  # a Monday, 08:00 in Copenhagen
A_DAY = timedelta(days=1)
State = Message.State


# --- When ------------------------------------------------------------------------------------------------------------
def question(number, at, *, follow_up=0, state="sent", reason="", is_answered=False):
    key = (1, "p-a1-courage", f"a1:{number}:p-a1-courage:{follow_up}", "email")
    return Standing(key, 1, "prompt", state, reason, "Europe/Copenhagen", at, is_answered=is_answered)


OPEN = [question(number, NOW - days * A_DAY) for number, days in enumerate((30, 20, 10))]


@pytest.mark.parametrize(
    ("rows", "is_silent"),
    [
        (OPEN, True),
        (OPEN[1:], False),
        ([*OPEN[:2], question(2, NOW - 10 * A_DAY, is_answered=True)], False),
        ([question(0, NOW - 30 * A_DAY, is_answered=True), *OPEN[1:]], False),
        ([question(9, NOW - 40 * A_DAY, is_answered=True), *OPEN], True),
        # The third still has time; an answer to a later one counts at once.
        ([*OPEN[:2], question(2, NOW - 6 * A_DAY)], False),
        ([*OPEN, question(3, NOW - 2 * A_DAY)], True),
        ([*OPEN, question(3, NOW - 2 * A_DAY, is_answered=True)], False),
        # A follow-up asks the same question again: its days begin anew, and its answer is an answer.
        ([*OPEN, question(2, NOW - 4 * A_DAY, follow_up=1)], False),
        ([*OPEN, question(2, NOW - 8 * A_DAY, follow_up=1, is_answered=True)], False),
        ([*OPEN[1:], question(2, NOW - 9 * A_DAY, follow_up=1)], False),
        # Some are answered in their lesson before the mail is due; that one never comes.
        ([*OPEN[:2], question(2, NOW - 15 * A_DAY, state="suppressed", reason="answered", is_answered=True)], False),
        ([*OPEN, question(3, NOW + 2 * A_DAY, state="suppressed", reason="answered", is_answered=True)], False),
        # What never arrived was not left open.
        ([*OPEN[1:], question(0, NOW - 30 * A_DAY, state="suppressed", reason="cap")], False),
        ([*OPEN[1:], question(0, NOW - 30 * A_DAY, state="merged", reason="welcome")], False),
    ],
)
def test_three_questions_in_a_row_that_have_had_their_five_working_days(rows, is_silent):
    assert leaves_questions_open(rows, calendar(), NOW) is is_silent


def test_questions_from_before_the_last_time_do_not_count_again():
    assert not leaves_questions_open(OPEN, calendar(), NOW, since=NOW - 25 * A_DAY)


@pytest.mark.parametrize(("weeks", "is_silent"), [(2, True), (3, False), (20, False)])
def test_what_nobody_looked_at_for_a_fortnight_is_not_brought_up_any_more(weeks, is_silent):
    assert leaves_questions_open(OPEN, calendar(), NOW - 3 * A_DAY + weeks * timedelta(weeks=1)) is is_silent


# --- What ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def silent(db):
    enrolment = EnrolmentFactory(person=UserFactory(email="anne@fjordby.example"))
    CalendarPolicyFactory(municipality=enrolment.cohort.municipality)
    ask(enrolment, 30, 20, 10)
    return enrolment


def ask(enrolment, *days_ago, now=NOW):
    for days in days_ago:
        at = now - days * A_DAY
        MessageFactory(enrolment=enrolment, state=State.SENT, due_at=at, sent_at=at, local_at=at + timedelta(hours=1))


def line():
    return Message.objects.filter(kind=Message.Kind.BACK_OFF)


def test_a_fortnight_of_quiet_begins_with_one_line(silent):
    plan(NOW)
    back_off = BackOff.objects.get()
    assert (back_off.person, back_off.quiet_until) == (silent.person, date(2026, 11, 15))
    assert (line().get().state, line().get().due_at) == ("due", NOW)
    for days in range(1, 14):
        plan(NOW + days * A_DAY)
    assert Message.objects.filter(kind="prompt", state="suppressed", reason="quiet").exists()
    assert not Message.objects.filter(kind="prompt", state="due", due_at__lt=NOW + 13 * A_DAY).exists()
    assert (BackOff.objects.count(), line().count()) == (1, 1)


def test_reminders_and_conversations_go_on(silent):
    plan(NOW)
    assert not Message.objects.filter(reason="quiet").exclude(kind="prompt").exists()


def test_without_a_word_it_becomes_one_mail_a_week(silent):
    plan(NOW)
    plan(NOW + 13 * A_DAY)
    assert not NotificationPreference.objects.filter(digest="weekly").exists()
    plan(datetime(2026, 11, 15, 23, tzinfo=UTC))  # the sixteenth in Copenhagen
    assert BackOff.objects.get().choice == BackOff.Choice.FEWER
    assert NotificationPreference.objects.get(person=silent.person).digest == "weekly"


def test_saying_nothing_does_not_bring_back_what_was_stopped_in_another_way(silent):
    plan(NOW)
    stop_kind(silent.person, Message.Kind.PROMPT)
    plan(datetime(2026, 11, 15, 23, tzinfo=UTC))
    wishes = NotificationPreference.objects.get(person=silent.person)
    assert (wishes.digest, wishes.muted_classes) == ("off", ["prompt"])


@pytest.mark.parametrize(
    ("choice", "digest", "muted"), [("keep", "off", []), ("fewer", "weekly", []), ("stop", "off", ["prompt"])]
)
def test_the_persons_word_holds_at_once_and_once(silent, choice, digest, muted):
    plan(NOW)
    assert decide(BackOff.objects.get(), choice, NOW + A_DAY)
    assert not decide(BackOff.objects.get(), "stop", NOW + A_DAY)
    plan(NOW + A_DAY)
    wishes = NotificationPreference.objects.get(person=silent.person)
    assert (wishes.digest, wishes.muted_classes) == (digest, muted)
    assert not Message.objects.filter(reason="quiet", due_at__gt=NOW + A_DAY, state="suppressed").exists()
    assert (line().get().state, line().get().reason) == ("suppressed", "answered")


@pytest.mark.parametrize("says", [answer, dismiss])
def test_an_answer_or_not_now_says_that_questions_are_welcome(silent, says):
    plan(NOW)
    says(Message.objects.filter(state=State.SENT).first(), NOW + A_DAY)
    assert BackOff.objects.get().choice == BackOff.Choice.KEEP
    assert line().get().state == "suppressed"


@pytest.mark.parametrize("says", [answer, dismiss])
def test_an_answer_switches_nothing_on_that_was_stopped_meanwhile(silent, says):
    plan(NOW)
    stop_kind(silent.person, Message.Kind.PROMPT)
    says(Message.objects.filter(state=State.SENT).first(), NOW + A_DAY)
    assert BackOff.objects.get().decided_at == NOW + A_DAY
    assert NotificationPreference.objects.get().muted_classes == ["prompt"]


def test_nor_does_silence_that_was_read_a_moment_before(silent):
    plan(NOW)
    over = NOW + 14 * A_DAY
    gathered = gather(silent.cohort, over)
    stop_kind(silent.person, Message.Kind.PROMPT)
    assert look(silent.cohort, gathered, over)
    wishes = NotificationPreference.objects.get()
    assert (wishes.digest, wishes.muted_classes) == ("weekly", ["prompt"])


def test_a_pause_that_is_over_is_none(silent):
    NotificationPreference.objects.create(person=silent.person, pause_until=NOW.date() - A_DAY)
    plan(NOW)
    assert BackOff.objects.exists()


def test_three_more_have_to_stay_open_before_it_is_asked_again(silent):
    plan(NOW)
    decide(BackOff.objects.get(), "keep", NOW + A_DAY)
    later = NOW + 60 * A_DAY
    ask(silent, 20, 15, now=later)
    plan(later)
    assert BackOff.objects.count() == 1
    ask(silent, 12, now=later)
    plan(later + A_DAY)
    assert BackOff.objects.count() == 2


def test_on_two_cohorts_it_is_one_line(silent):
    again = EnrolmentFactory(person=silent.person, cohort__name="Et andet hold")
    ask(again, 25, 15, 12)
    plan(NOW)
    plan(NOW)
    assert (BackOff.objects.count(), line().count()) == (1, 1)


# --- Nobody else is told ---------------------------------------------------------------------------------------------
def test_the_preview_does_not_tell_who_was_asked(silent):
    plan(NOW)
    assert line().exists()
    assert {one.message_class for one in preview(silent.cohort, NOW)} & {"back_off"} == set()


def test_no_row_of_hr_tells_of_it(silent):
    plan(NOW)
    send_due(NOW)
    assert line().get().state == "sent"
    assert not shown(silent.cohort, NOW).filter(kind=Message.Kind.BACK_OFF).exists()
    assert "quiet" not in OPEN_REASONS


# --- The mail and the page -------------------------------------------------------------------------------------------
def test_the_mail_has_three_plain_links_and_says_that_nobody_is_told(silent, mailoutbox):
    plan(NOW)
    send_due(NOW)
    (mail,) = [one for one in mailoutbox if "Behold" in one.subject]
    assert mail.to == [silent.person.email]
    assert "ingen får det at vide" in mail.body
    assert mail.reply_to == [silent.cohort.mailbox]  # HR, who gets other replies, is told nothing here
    assert [f"/min-side/spoergsmaal/?choice={way}" in mail.body for way in ("keep", "fewer", "stop")] == [True] * 3


def test_looking_at_the_page_changes_nothing_and_a_button_decides(client, silent):
    plan(NOW)
    client.force_login(silent.person)
    page = client.get(reverse("back-off") + "?choice=stop").content.decode()
    assert page.index('value="stop"') < page.index('value="keep"')
    assert BackOff.objects.get().decided_at is None
    client.post(reverse("back-off"), {"choice": "stop"})
    assert BackOff.objects.get().choice == "stop"
    assert 'aria-checked="false" aria-labelledby="switch-prompt"' in client.get(reverse("me")).content.decode()
    client.post(reverse("back-off"), {"choice": "keep"})
    assert NotificationPreference.objects.get().muted_classes == []


def test_another_word_than_the_three_changes_nothing(client, silent):
    plan(NOW)
    client.force_login(silent.person)
    assert client.post(reverse("back-off"), {"choice": "everything"}).status_code == 200
    assert BackOff.objects.get().decided_at is None


def test_their_own_page_says_until_when_it_is_quiet(client, silent):
    plan(NOW)
    client.force_login(silent.person)
    text = client.get(reverse("me")).content.decode().replace("\xa0", " ")
    assert "stille til og med søndag den 15. november" in text
