"""When a rule asks, whom, and why not (MODEL S4–S6, §7, I12)."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from courseplatform.cohorts.calendar.dates import resolve
from courseplatform.outbox.planning.planned import CohortRules
from courseplatform.outbox.planning.together import plan_together, planned_messages
from tests.outbox.people import (
    BEFORE,
    BOSS,
    COPENHAGEN,
    calendar,
    cohort_dates,
    day_and_time,
    gone,
    moved,
    of,
    only,
    person,
    recipient,
    with_meetings,
)


@pytest.fixture
def dates(programme):
    return cohort_dates(programme)


def plan(dates, *recipients, now=BEFORE, history=(), policy=None):
    return planned_messages(dates, policy or calendar(), recipients or [recipient()], now, history)


def without_prompt(dates, *keep, **changes):
    prompts = tuple(one.model_copy(update=changes) for one in dates.programme.prompts if one.key in keep)
    return replace(dates, programme=dates.programme.model_copy(update={"prompts": prompts}))


def stood(message):
    return day_and_time(message), message.state, message.reason


# --- Keys ------------------------------------------------------------------------------------------------------------
def test_occurrence_keys_name_object_generation_template_and_follow_up(dates):
    messages = plan(moved(dates, "w1", date(2026, 9, 9), id=UUID(int=7), move_generation=2), recipient())
    assert only(messages, "p-w1-after").occurrence_key == f"{UUID(int=7)}:2:p-w1-after:0"
    assert only(messages, "p-w1-after", follow_up=True).occurrence_key == f"{UUID(int=7)}:2:p-w1-after:1"
    assert only(messages, "p-a2-tuesday").occurrence_key == "a2:0:p-a2-tuesday:0"
    assert {one.occurrence_key for one in of(messages, "p-action-ifthen")} == {
        f"{key}:0:p-action-ifthen:0" for key in ("r1", "r2", "r3")
    }


def test_no_two_messages_share_a_key(dates):
    messages = plan(dates, *(recipient(number, line_manager=BOSS) for number in range(1, 5)))
    assert len({one.key for one in messages}) == len(messages)


# --- Days and rolling ------------------------------------------------------------------------------------------------
def test_a_question_in_a_school_break_waits_for_the_tuesday_after(programme):
    # With this start the first question of module a1 falls on Thursday 15 October, in week 42.
    dates = without_prompt(resolve(programme, date(2026, 10, 5), COPENHAGEN), "p-a1-decisions")
    assert day_and_time(only(plan(dates), "p-a1-decisions")) == "Tue 20 Oct 2026 08:30"
    in_the_break = without_prompt(dates, "p-a1-decisions", allow_in_break=True)
    assert day_and_time(only(plan(in_the_break), "p-a1-decisions")) == "Thu 15 Oct 2026 08:30"


def test_surveys_conversations_and_reminders_do_not_wait_for_schools(dates):
    friday_before = moved(without_prompt(dates, "p-w2-prepare"), "w2", date(2026, 10, 16))
    assert day_and_time(only(plan(friday_before), "p-w2-prepare")) == "Mon 12 Oct 2026 08:30"


def test_a_question_that_a_summer_would_delay_more_than_a_fortnight_is_stale(programme):
    dates = without_prompt(resolve(programme, date(2027, 7, 5), COPENHAGEN), "p-a1-decisions")
    assert stood(only(plan(dates), "p-a1-decisions"))[1:] == ("suppressed", "stale")


def test_a_reminder_rolls_backward_when_its_day_has_no_window(dates):
    no_fridays = calendar(send_window={day: ["08:00", "15:30"] for day in ("mon", "tue", "wed", "thu")})
    messages = plan(without_prompt(dates, "p-w1-prepare"), policy=no_fridays)
    assert day_and_time(only(messages, "p-w1-prepare")) == "Thu 03 Sep 2026 08:30"


def test_a_question_ahead_of_an_experiment_is_not_asked_after_it_began(programme):
    # Round one begins on Monday of week 43; the working day before lies in the break, the Tuesday after is too late.
    dates = without_prompt(resolve(programme, date(2026, 9, 14), COPENHAGEN), "p-action-ifthen")
    first = next(one for one in plan(dates) if one.occurrence_key.startswith("r1"))
    assert stood(first)[1:] == ("suppressed", "stale")


def test_reminders_end_four_working_hours_before_and_questions_after_a_fortnight(dates):
    messages = plan(dates)
    assert only(messages, "p-w1-prepare").expires_at == datetime(2026, 9, 8, 10, 0, tzinfo=UTC)
    assert only(messages, "p-a2-tuesday").expires_at == datetime(2026, 11, 10, 7, 30, tzinfo=UTC)


def test_each_persons_own_zone_and_time_decide_the_instant(dates):
    nuuk = recipient(1, wishes={"tzid": "America/Nuuk", "preferred_time": time(9)})
    message = only(plan(dates, nuuk), "p-a2-tuesday")
    assert message.local_at == datetime(2026, 10, 27, 9, 0)
    assert message.due_at == datetime(2026, 10, 27, 11, 0, tzinfo=UTC)


# --- Who -------------------------------------------------------------------------------------------------------------
def test_the_line_manager_gets_a_message_of_their_own(dates):
    messages = plan(dates, recipient(line_manager=BOSS))
    assert only(messages, "p-sponsor-mid.sponsor").person_id == BOSS.id
    assert only(messages, "p-sponsor-mid").person_id == person().id
    assert {one.template for one in messages if one.person_id == BOSS.id} == {
        "p-sponsor-before.sponsor",
        "p-sponsor-mid.sponsor",
        "p-sponsor-after.sponsor",
    }


@pytest.mark.parametrize("manager", [None, person(99, is_active=False)])
def test_without_a_line_manager_at_work_nobody_is_written_to_in_their_place(dates, manager):
    messages = plan(dates, recipient(line_manager=manager))
    assert stood(only(messages, "p-sponsor-mid.sponsor"))[1:] == ("suppressed", "no_line_manager")
    assert of(messages, "p-sponsor-mid.sponsor", follow_up=True) == []
    assert only(messages, "p-sponsor-mid").state == "planned"


def test_a_line_manager_of_many_gets_one_mail_that_day(dates):
    messages = plan(dates, *(recipient(number, line_manager=BOSS) for number in range(1, 13)))
    before = of(messages, "p-sponsor-before.sponsor")
    assert len(before) == 12
    assert {stood(one) for one in before} == {("Tue 01 Sep 2026 08:30", "planned", "")}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "invited"}, "not_accepted"),
        ({"state": "withdrawn"}, "not_enrolled"),
        ({"state": "left_organisation"}, "not_enrolled"),
        ({"state": "transferred"}, "not_enrolled"),
        ({"wishes": {"is_active": False}}, "left"),
        ({"wishes": {"is_deliverable": False}}, "undeliverable"),
    ],
)
def test_nothing_goes_to_those_who_are_not_there(dates, changes, reason):
    messages = plan(dates, recipient(**changes, line_manager=BOSS))
    own = [one for one in messages if one.person_id == person().id]
    assert {(one.state, one.reason) for one in own} == {("suppressed", reason)}


def test_after_completing_only_surveys_and_conversations_follow(dates):
    messages = plan(dates, recipient(state="completed"), now=datetime(2027, 6, 7, tzinfo=UTC))
    planned = {one.template for one in messages if one.state == "planned"}
    # The wheel was due while they took part; it has no row here, and is still worth its place.
    assert planned == {"p-wheel-end", "p-evaluation", "p-sponsor-after", "p-follow-up"}


def test_a_muted_class_is_left_out_and_nothing_else(dates):
    messages = plan(dates, recipient(wishes={"muted_classes": frozenset({"prompt"})}))
    assert {one.reason for one in messages if one.message_class == "prompt"} == {"muted"}
    assert only(messages, "p-w1-prepare").state == "planned"


def test_a_cancelled_cohort_plans_nothing(dates):
    rules = CohortRules(dates, calendar(), (recipient(line_manager=BOSS),), state="cancelled")
    assert {(one.state, one.reason) for one in plan_together([rules], BEFORE)} == {("suppressed", "cohort_cancelled")}


# --- Events ----------------------------------------------------------------------------------------------------------
def test_what_belongs_to_a_cancelled_workshop_is_never_sent(dates):
    messages = plan(moved(dates, "w1", date(2026, 9, 9), state="cancelled"))
    of_w1 = [one for one in messages if one.template in ("p-sponsor-before", "p-w1-prepare", "p-w1-after")]
    assert {(one.state, one.reason) for one in of_w1} == {("suppressed", "event_cancelled")}
    assert len(of_w1) == 3


def test_a_meeting_without_a_day_makes_nothing_but_one_nudge_on_the_thursday_before(programme, dates):
    dates = with_meetings(resolve(programme, dates.starts_on, COPENHAGEN), {})
    messages = plan(dates)
    assert {(one.state, one.reason) for one in of(messages, "p-group-prep")} == {("suppressed", "no_date")}
    assert day_and_time(of(messages, "group-nudge")[1]) == "Thu 12 Nov 2026 08:30"


def test_a_dated_meeting_needs_no_nudge(dates):
    assert of(plan(dates), "group-nudge") == []


def test_a_group_hears_of_its_own_meeting_only(dates):
    one_group = replace(dates, meetings=tuple(replace(one, group_id=UUID(int=5)) for one in dates.meetings))
    messages = plan(one_group, recipient(1, group_id=UUID(int=5)), recipient(2, group_id=UUID(int=6)), recipient(3))
    assert {one.person_id for one in of(messages, "p-group-prep")} == {person(1).id}


def test_a_small_move_keeps_the_key_and_a_new_generation_reminds_anew(dates):
    before = plan(dates)
    history = gone(before, datetime(2026, 9, 5, tzinfo=UTC))
    now = datetime(2026, 9, 7, 6, tzinfo=UTC)
    near = plan(moved(dates, "w1", date(2026, 9, 10)), now=now, history=history)
    assert stood(only(near, "p-w1-prepare")) == ("Fri 04 Sep 2026 08:30", "sent", "")
    far = plan(moved(dates, "w1", date(2026, 9, 16), move_generation=1), now=now, history=history)
    assert stood(only(far, "p-w1-prepare")) == ("Fri 11 Sep 2026 08:30", "planned", "")


# --- Too late --------------------------------------------------------------------------------------------------------
def overdue(dates, key, now):
    return stood(only(plan(without_prompt(dates, key), now=now), key))


def test_a_reminder_in_the_past_goes_at_once_while_four_working_hours_are_left(dates):
    assert overdue(dates, "p-w1-prepare", datetime(2026, 9, 8, 9, 0, tzinfo=UTC)) == (
        "Tue 08 Sep 2026 11:00",
        "planned",
        "",
    )
    assert overdue(dates, "p-w1-prepare", datetime(2026, 9, 8, 10, 1, tzinfo=UTC))[1:] == ("suppressed", "too_late")


def test_an_overdue_question_goes_at_the_next_open_slot_until_it_is_a_fortnight_old(dates):
    assert overdue(dates, "p-a1-decisions", datetime(2026, 9, 12, 12, tzinfo=UTC)) == (
        "Mon 14 Sep 2026 08:30",
        "planned",
        "",
    )
    assert overdue(dates, "p-a1-decisions", datetime(2026, 9, 24, 18, tzinfo=UTC))[1:] == ("suppressed", "stale")


def test_of_one_overdue_rule_only_the_latest_occurrence_is_asked(dates):
    close = with_meetings(dates, {"g1": date(2026, 9, 30), "g2": date(2026, 10, 6)})
    messages = plan(without_prompt(close, "p-group-follow"), now=datetime(2026, 10, 9, tzinfo=UTC))
    follows = {one.occurrence_key.partition(":")[0]: one for one in of(messages, "p-group-follow")}
    g1, g2 = follows["g1"], follows["g2"]
    assert stood(g1)[1:] == ("suppressed", "stale")
    assert stood(g2) == ("Fri 09 Oct 2026 08:30", "planned", "")


# --- Late joiners ----------------------------------------------------------------------------------------------------
JOINED = datetime(2026, 10, 29, 12, 0, tzinfo=UTC)


def test_who_joins_late_gets_one_welcome_with_three_questions_and_nothing_else_of_before(dates):
    messages = plan(dates, recipient(activated_at=JOINED, line_manager=BOSS), now=JOINED)
    before = [one for one in messages if one.due_at < JOINED]
    brought = {one.template for one in before if (one.state, one.reason) == ("merged", "welcome")}
    assert brought == {"p-b1-question", "p-c1-map", "p-a2-tuesday"}
    assert {(one.state, one.reason) for one in before} == {("merged", "welcome"), ("suppressed", "late_join")}
    assert stood(only(messages, "welcome")) == ("Thu 29 Oct 2026 13:00", "planned", "")


def test_what_lies_ahead_of_a_late_joiner_is_planned_as_for_all(dates):
    late = plan(dates, recipient(activated_at=JOINED), now=JOINED)
    others = plan(dates)
    ahead = datetime(2026, 11, 9, tzinfo=UTC)
    assert [(one.template, one.due_at) for one in late if one.due_at > ahead] == [
        (one.template, one.due_at) for one in others if one.due_at > ahead
    ]


def test_nothing_else_arrives_on_the_day_of_the_welcome(dates):
    messages = plan(dates, recipient(activated_at=JOINED), now=JOINED)
    mails = sorted({one.due_at for one in messages if one.state == "planned"})
    assert mails[1] - mails[0] >= timedelta(hours=48)
    assert [one.template for one in messages if one.due_at == mails[0] and one.state == "planned"] == ["welcome"]


def test_the_line_manager_of_a_late_joiner_hears_of_the_latest_conversation(dates):
    joined = datetime(2027, 2, 1, 12, tzinfo=UTC)
    messages = plan(dates, recipient(activated_at=joined, line_manager=BOSS), now=joined)
    assert stood(only(messages, "p-sponsor-before.sponsor"))[1:] == ("suppressed", "late_join")
    assert stood(only(messages, "p-sponsor-mid.sponsor")) == ("Mon 01 Feb 2027 13:00", "planned", "")


def test_who_was_there_from_the_start_is_no_late_joiner(dates):
    start = datetime(2026, 8, 31, 4, 1, tzinfo=UTC)
    messages = plan(dates, recipient(activated_at=start), now=start)
    assert of(messages, "welcome") == []
    assert "late_join" not in {one.reason for one in messages}


# --- Pauses and follow-ups -------------------------------------------------------------------------------------------
def test_nothing_comes_during_a_pause_and_only_the_latest_question_after_it(dates):
    away = recipient(state="paused", paused_from=date(2026, 9, 7), paused_to=date(2026, 9, 27))
    messages = plan(dates, away)
    in_it = [one for one in messages if date(2026, 9, 7) <= one.local_at.date() <= date(2026, 9, 27)]
    assert {(one.state, one.reason) for one in in_it} == {("suppressed", "paused")}
    assert {one.template for one in in_it} >= {"p-a1-decisions", "p-w1-after", "p-group-prep", "p-b1-question"}
    assert stood(only(messages, "p-a1-courage")) == ("Mon 28 Sep 2026 08:30", "planned", "")


def test_a_persons_own_pause_counts_from_today(dates):
    messages = plan(dates, recipient(wishes={"pause_until": date(2026, 9, 5)}), now=datetime(2026, 8, 31, tzinfo=UTC))
    assert stood(only(messages, "p-w1-prepare"))[1:] == ("suppressed", "paused")
    assert only(messages, "p-a1-decisions").state == "planned"


def test_a_follow_up_comes_its_workdays_after_the_first_really_went(dates):
    messages = plan(without_prompt(dates, "p-w1-after"))
    assert day_and_time(only(messages, "p-w1-after")) == "Fri 11 Sep 2026 08:30"
    assert day_and_time(only(messages, "p-w1-after", follow_up=True)) == "Wed 16 Sep 2026 08:30"
    postponed = plan(dates)
    assert day_and_time(only(postponed, "p-w1-after")) == "Mon 14 Sep 2026 08:30"
    assert day_and_time(only(postponed, "p-w1-after", follow_up=True)) == "Thu 17 Sep 2026 08:30"


def test_an_answered_question_is_not_asked_again(dates):
    messages = plan(dates)
    now = datetime(2026, 9, 15, tzinfo=UTC)
    history = [replace(row, is_answered=row.key[1] == "p-w1-after") for row in gone(messages, now)]
    again = plan(dates, now=now, history=history)
    assert stood(only(again, "p-w1-after", follow_up=True))[1:] == ("suppressed", "answered")


def test_what_was_never_sent_is_not_followed_up(dates):
    messages = plan(dates, recipient(wishes={"muted_classes": frozenset({"conversation"})}))
    assert of(messages, "p-sponsor-before", follow_up=True) == []


# --- The sender has the last word ------------------------------------------------------------------------------------
def test_a_message_its_sender_has_put_off_is_left_alone(dates):
    messages = plan(dates)
    now = datetime(2026, 9, 10, 7, tzinfo=UTC)
    rows = gone(messages, now)
    later = now + timedelta(minutes=5)
    history = [
        replace(row, state="due", due_at=later, is_put_off=True) if row.key[1] == "p-a1-decisions" else row
        for row in rows
    ]
    again = only(plan(dates, now=now, history=history), "p-a1-decisions")
    assert (again.state, again.due_at) == ("due", later)
