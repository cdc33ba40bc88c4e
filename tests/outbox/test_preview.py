"""What HR can see before anything is sent, through the command that checks rely on."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from courseplatform.cohorts.calendar.dates import resolve
from courseplatform.cohorts.models import CalendarPolicy
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.planner import plan
from courseplatform.outbox.planning.preview import preview
from courseplatform.outbox.reading.reasons import SENTENCES, sentence
from tests.factories import (
    CalendarPolicyFactory,
    CohortFactory,
    EnrolmentFactory,
    GroupFactory,
    MeetingFactory,
    MembershipFactory,
    MessageFactory,
    UserFactory,
    WorkshopFactory,
)

pytestmark = pytest.mark.django_db
ANNE = "anne@fjordby.example"
AUGUST = datetime(2026, 8, 1, tzinfo=UTC)


@pytest.fixture
def cohort(programme):
    cohort = CohortFactory(name="Hold efterår")
    CalendarPolicyFactory(municipality=cohort.municipality)
    for event in resolve(programme, cohort.starts_on, "Europe/Copenhagen").workshops:
        WorkshopFactory(cohort=cohort, key=event.key, starts_at=event.starts_at, ends_at=event.ends_at)
    return cohort


@pytest.fixture
def anne(cohort):
    """In a group whose first meeting is on Wednesday 30 September 2026."""
    chief = UserFactory(email="chef@fjordby.example")
    anne = EnrolmentFactory(cohort=cohort, person=UserFactory(email=ANNE, line_manager=chief))
    group = GroupFactory(cohort=cohort)
    starts_at = datetime(2026, 9, 30, 7, tzinfo=UTC)
    MeetingFactory(
        group=group, key="g1", state="scheduled", starts_at=starts_at, ends_at=starts_at + timedelta(hours=3)
    )
    MeetingFactory(group=group, key="g2")
    MembershipFactory(group=group, enrolment=anne)
    return anne


def shown(cohort, now=AUGUST, email=ANNE):
    return preview(cohort, now, email=email)


def when(cohort, template, now=AUGUST):
    return [
        f"{one.local_at:%a %d %b %Y %H:%M}"
        for one in shown(cohort, now)
        if one.template == template and one.state == "planned" and one.occurrence_key.endswith(":0")
    ]


def command(*arguments):
    out = StringIO()
    call_command("preview_messages", *arguments, stdout=out)
    return out.getvalue()


# --- The dated examples (MODEL §12) ----------------------------------------------------------------------------------
def test_the_workshops_of_the_demo_cohort_have_their_reminders(cohort, anne):
    assert [when(cohort, f"p-w{number}-prepare") for number in range(1, 6)] == [
        ["Fri 04 Sep 2026 08:30"],
        ["Thu 22 Oct 2026 08:30"],
        ["Thu 03 Dec 2026 08:30"],
        ["Mon 22 Feb 2027 08:30"],
        ["Thu 20 May 2027 08:30"],
    ]


def test_week_39(cohort, anne):
    assert when(cohort, "p-b1-question") == ["Mon 21 Sep 2026 08:30"]
    assert when(cohort, "p-group-prep") == ["Fri 25 Sep 2026 08:30"]
    assert when(cohort, "p-a1-courage") == ["Mon 28 Sep 2026 08:30"]


def test_2_october_is_one_instant_for_two_questions(cohort, anne):
    october = [one for one in shown(cohort) if one.local_at.date() == date(2026, 10, 2) and one.state == "planned"]
    assert sorted(one.template for one in october) == ["p-action-ifthen", "p-group-follow"]
    assert {one.due_at for one in october} == {datetime(2026, 10, 2, 6, 30, tzinfo=UTC)}


def test_the_handover_question_after_easter(cohort, anne):
    assert when(cohort, "p-a6-handover") == ["Tue 30 Mar 2027 08:30"]


def test_a_question_two_workdays_after_a_workshop_on_31_march(cohort, anne):
    w4 = cohort.workshops.get(key="w4")
    w4.starts_at, w4.ends_at = datetime(2027, 3, 31, 7, tzinfo=UTC), datetime(2027, 3, 31, 13, tzinfo=UTC)
    w4.save()
    nearby = [one for one in shown(cohort) if one.template == "p-w4-after" and one.occurrence_key.endswith(":0")]
    # Tuesday 30 March is p-a6-handover's: 72 hours are enough, so it keeps its own day.
    assert [(one.due_at, one.state) for one in nearby] == [(datetime(2027, 4, 2, 6, 30, tzinfo=UTC), "planned")]


def test_a_closed_christmas_moves_the_reminder_before_it(cohort, anne):
    CalendarPolicy.objects.update(local_closures=[{"from": "2026-12-24", "to": "2027-01-03"}])
    w3 = cohort.workshops.get(key="w3")
    w3.starts_at, w3.ends_at = datetime(2027, 1, 6, 7, 30, tzinfo=UTC), datetime(2027, 1, 6, 13, tzinfo=UTC)
    w3.save()
    # The programme asks four workdays before: one more than in the example, hence Tuesday the 22nd.
    assert when(cohort, "p-w3-prepare") == ["Tue 22 Dec 2026 08:30"]


# --- What it shows ---------------------------------------------------------------------------------------------------
def test_it_saves_nothing(cohort, anne):
    assert shown(cohort)
    assert Message.objects.count() == 0


def test_every_rule_is_there_for_every_person_made_or_not(cohort, anne, programme):
    templates = {one.template for one in shown(cohort)}
    assert templates >= {prompt.key for prompt in programme.prompts}
    assert {one.reason for one in shown(cohort) if one.template == "p-group-prep" and one.state == "suppressed"} == {
        "no_date"
    }


def test_rows_show_their_real_state_and_calendar_mail_is_there_too(cohort, anne):
    plan(datetime(2026, 9, 1, 4, tzinfo=UTC))
    reminder = Message.objects.get(template="p-w1-prepare")
    Message.objects.filter(pk=reminder.pk).update(state="sent", sent_at=reminder.due_at)
    event = {"kind": "event", "template": "invitation", "channel": "calendar", "occurrence_key": "w1:0:invitation:0"}
    MessageFactory(enrolment=anne, state="sent", **event)
    now = datetime(2026, 9, 4, 6, 45, tzinfo=UTC)
    states = {(one.template, one.channel): one.state for one in shown(cohort, now) if one.occurrence_key[-1] != "1"}
    assert states["p-w1-prepare", "email"] == "sent"
    assert states["invitation", "calendar"] == "sent"
    assert states["p-a2-tuesday", "email"] == "planned"


def test_what_waits_as_a_row_is_due_and_what_lies_further_is_planned(cohort, anne):
    now = datetime(2026, 9, 1, 4, tzinfo=UTC)
    plan(now)
    states = {one.template: one.state for one in shown(cohort, now) if one.occurrence_key.endswith(":0")}
    assert (states["p-w1-prepare"], states["p-a1-decisions"]) == ("due", "planned")


def test_the_line_manager_is_shown_their_own_messages_only(cohort, anne):
    found = shown(cohort, email="chef@fjordby.example")
    assert {one.template for one in found} == {f"p-sponsor-{kind}.sponsor" for kind in ("before", "mid", "after")}
    assert not any(one.template.endswith(".sponsor") for one in shown(cohort))


def test_the_preview_costs_the_same_queries_for_one_and_for_thirty(cohort, anne):
    preview(cohort, AUGUST)
    counts = []
    for more in (0, 29):
        for _ in range(more):
            EnrolmentFactory(cohort=cohort, person=UserFactory(line_manager=UserFactory()))
        with CaptureQueriesContext(connection) as captured:
            preview(cohort, AUGUST)
        counts.append(len(captured))
    assert counts == [9, 9]


# --- The command -----------------------------------------------------------------------------------------------------
def test_json_has_these_keys_is_sorted_and_says_local_time_with_its_offset(cohort, anne):
    messages = json.loads(command("Hold efterår", "--person", ANNE, "--json"))
    assert {tuple(one) for one in messages} == {
        ("person", "template", "class", "channel", "local_at", "due_at", "state", "reason", "occurrence_key")
    }
    assert [one["due_at"] for one in messages] == sorted(one["due_at"] for one in messages)
    handover = next(one for one in messages if one["template"] == "p-follow-up")
    assert handover["local_at"] == "2027-09-07T08:30:00+02:00"
    assert handover["due_at"] == "2027-09-07T06:30:00+00:00"
    assert {one["person"] for one in messages} == {ANNE}


def test_the_cohort_may_be_given_by_its_id_and_the_person_in_capitals(cohort, anne):
    assert command(str(cohort.pk), "--person", ANNE.upper(), "--json") == command(
        "Hold efterår", "--person", ANNE, "--json"
    )


def test_an_empty_cohort_is_an_empty_list(cohort):
    assert json.loads(command("Hold efterår", "--json")) == []
    assert command("Hold efterår").strip() == ""


def test_the_table_gives_reasons_in_words(cohort, anne):
    with override("en"):
        table = command("Hold efterår")
    line = next(line for line in table.splitlines() if "p-group-prep" in line and "2026-11" in line)
    assert line.split() == [
        *("2026-11-13", "08:30", ANNE, "p-group-prep", "suppressed:"),
        *["The", "learning", "group", "has", "not", "picked", "a", "day", "yet."],
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Findes ikke"], "There is no cohort called “Findes ikke”."),
        (["00000000-0000-0000-0000-000000000000"], "There is no cohort called “00000000-0000-0000-0000-000000000000”."),
        (["Hold efterår", "--person", "hr@fjordby.example"], "hr@fjordby.example is not on Hold efterår."),
    ],
)
def test_what_cannot_be_found_is_said_in_one_sentence(cohort, anne, arguments, said):
    with override("en"), pytest.raises(CommandError) as error:
        command(*arguments)
    assert str(error.value) == said


def test_a_name_two_cohorts_share_is_not_guessed(cohort, anne):
    CohortFactory(name="Hold efterår", starts_on=date(2027, 8, 30))
    with override("en"), pytest.raises(CommandError, match="Several cohorts"):
        command("Hold efterår")


# --- Reasons ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("word", SENTENCES)
def test_every_reason_is_a_whole_sentence_in_both_languages(word):
    said = {}
    for language in ("da", "en"):
        with override(language):
            said[language] = sentence(word)
    assert said["da"] != said["en"]
    assert all(one.endswith(".") and one[0].isupper() for one in said.values())
