"""I dag: one next thing, chosen by rules, and the way there for everybody."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from courseplatform.cohorts.calendar.dates import EventDate, resolve
from courseplatform.cohorts.progress import Progress
from courseplatform.journal.today import Draft, next_meeting, next_thing, next_workshop, still_open
from courseplatform.outbox.models import Message
from courseplatform.outbox.reading import answering
from tests.factories import (
    GroupFactory,
    MeetingFactory,
    MessageFactory,
)

MONDAY, TUESDAY = date(2026, 8, 31), datetime(2026, 10, 27, 8, 12, tzinfo=UTC)
QUIET = datetime(2026, 10, 6, 8, tzinfo=UTC)  # week 6: no workshop for three weeks
NOTHING_READ = Progress({}, frozenset())

pytestmark = pytest.mark.django_db


@pytest.fixture
def dates(programme):
    planned = resolve(programme, MONDAY, "Europe/Copenhagen")
    return replace(planned, workshops=tuple(replace(one, state="scheduled") for one in planned.workshops))


def asked(**fields):
    return MessageFactory(state=Message.State.SENT, **fields)


def everything_read(programme):
    return Progress({lesson.key: date(2026, 9, 1) for lesson in programme.lessons}, frozenset())


# --- Which thing -----------------------------------------------------------------------------------------------------
def test_a_question_comes_first_the_newest_before_older_ones(dates):
    newest, older = asked(), asked(template="p-c1-map", due_at=QUIET)
    thing = next_thing([newest, older], dates, NOTHING_READ, frozenset(), TUESDAY)

    assert (thing.kind, thing.message) == ("question", newest)


def test_a_conversation_waits_for_questions_but_not_for_lessons(dates):
    conversation = asked(kind=Message.Kind.CONVERSATION, template="p-sponsor-mid")

    assert next_thing([asked(), conversation], dates, NOTHING_READ, frozenset(), TUESDAY).kind == "question"
    assert next_thing([conversation], dates, NOTHING_READ, frozenset(), TUESDAY).kind == "conversation"


def test_a_workshop_within_two_days_comes_before_lessons_even_when_answered(dates):
    thing = next_thing([], dates, NOTHING_READ, frozenset({"w2"}), TUESDAY)

    assert (thing.kind, thing.why, thing.workshop.key) == ("workshop", "near", "w2")


def test_a_workshop_that_is_on_comes_first_for_who_is_at_it(dates):
    at = next_workshop(dates, TUESDAY).starts_at + timedelta(hours=1)
    thing = next_thing([asked()], dates, NOTHING_READ, frozenset({"w2"}), at)
    assert (thing.kind, thing.why, thing.workshop.key) == ("workshop", "on", "w2")

    away = next_thing([asked()], dates, NOTHING_READ, frozenset({"w2"}), at, away_from=frozenset({"w2"}))
    assert away.kind == "question"


def test_who_does_not_go_to_a_workshop_gets_ready_for_none(dates):
    thing = next_thing([], dates, NOTHING_READ, frozenset({"w2"}), TUESDAY, away_from=frozenset({"w2"}))
    assert thing.kind == "lesson"


@pytest.mark.parametrize(
    ("minutes", "kind"), [(-31, "question"), (-30, "meeting"), (119, "meeting"), (120, "question")]
)
def test_the_groups_meeting_comes_first_while_it_is_on(dates, minutes, kind):
    starts_at = QUIET
    meeting = EventDate("g1", UUID(int=1), starts_at, starts_at + timedelta(hours=2), state="scheduled")
    at = starts_at + timedelta(minutes=minutes)
    assert next_thing([asked()], dates, NOTHING_READ, frozenset(), at, meeting=meeting).kind == kind


def test_a_workshop_within_two_weeks_waits_for_an_answer(dates):
    ten_days_before = TUESDAY - timedelta(days=9)

    assert next_thing([], dates, NOTHING_READ, frozenset(), ten_days_before).why == "unanswered"
    assert next_thing([], dates, NOTHING_READ, frozenset({"w2"}), ten_days_before).kind == "lesson"


def test_a_cancelled_workshop_is_no_next_thing(dates):
    called_off = replace(dates, workshops=tuple(replace(one, state="cancelled") for one in dates.workshops))

    assert next_workshop(called_off, TUESDAY) is None
    assert next_thing([], called_off, NOTHING_READ, frozenset(), TUESDAY).kind == "lesson"


def test_a_half_read_lesson_comes_before_a_newer_one(dates):
    progress = Progress({}, frozenset({"a1-2"}))
    thing = next_thing([], dates, progress, frozenset(), QUIET)

    assert (thing.kind, thing.why, thing.lesson.key) == ("lesson", "begun", "a1-2")


def test_else_the_first_unread_lesson_of_the_module_that_opened_last(dates):
    assert next_thing([], dates, NOTHING_READ, frozenset(), QUIET).lesson.key == "b2-1"
    read = Progress({"b2-1": date(2026, 10, 5)}, frozenset())
    assert next_thing([], dates, read, frozenset(), QUIET).lesson.key == "c1-1"


def test_nothing_says_what_opens_next(dates, programme):
    thing = next_thing([], dates, everything_read(programme), frozenset(), QUIET)

    assert (thing.kind, thing.module.key, thing.opens_on) == ("nothing", "a2", date(2026, 10, 19))


def test_before_the_start_there_is_nothing_but_what_comes(dates):
    thing = next_thing([], dates, NOTHING_READ, frozenset({"w1"}), datetime(2026, 8, 3, 8, tzinfo=UTC))

    assert (thing.kind, thing.module.key) == ("nothing", "a1")


def test_after_the_end_there_is_nothing_to_come(dates, programme):
    thing = next_thing([], dates, everything_read(programme), frozenset(), datetime(2027, 7, 1, 8, tzinfo=UTC))

    assert (thing.kind, thing.module, thing.opens_on) == ("nothing", None, None)


def test_nothing_names_the_workshop_where_that_comes_first(dates, programme):
    thing = next_thing([], dates, everything_read(programme), frozenset({"w3"}), datetime(2026, 12, 1, 8, tzinfo=UTC))

    assert (thing.kind, thing.workshop.key, thing.module) == ("nothing", "w3", None)
    assert thing.about == programme.workshop("w3").title


# --- What was left half done -----------------------------------------------------------------------------------------
def begun(prompt_key="p-a1-courage", at=QUIET - timedelta(days=1)):
    return Draft(UUID(int=1), prompt_key, at)


def test_a_draft_comes_before_lessons_and_after_what_is_asked_or_near(dates):
    def kind(messages, now):
        return next_thing(messages, dates, NOTHING_READ, frozenset({"w2"}), now, [begun(at=now)]).kind

    assert kind([], QUIET) == "draft"
    assert kind([asked()], QUIET) == "question"
    assert kind([], TUESDAY) == "workshop"


def test_a_draft_is_known_by_its_question_or_as_a_note(dates, programme):
    def about(draft):
        return next_thing([], dates, NOTHING_READ, frozenset(), QUIET, [draft]).about

    assert about(begun()) == programme.prompt("p-a1-courage").text
    assert about(begun("")) is None
    assert about(begun("p-gone-with-an-earlier-version")) is None


def test_a_draft_is_left_in_peace_after_two_weeks(dates):
    def kind(days):
        draft = begun(at=QUIET - timedelta(days=days))
        return next_thing([], dates, NOTHING_READ, frozenset(), QUIET, [draft]).kind

    assert [kind(13), kind(14)] == ["draft", "lesson"]


def test_an_answer_begun_is_gone_on_with_and_another_draft_is_none_of_it(dates):
    message = asked()

    def draft_of(*drafts):
        return next_thing([message], dates, NOTHING_READ, frozenset(), TUESDAY, drafts).draft

    assert draft_of(begun("p-a1-courage")) is None
    assert draft_of(begun("p-a1-courage"), begun(message.template)) == begun(message.template)


# --- Why now ---------------------------------------------------------------------------------------------------------
def why(message, dates, now):
    thing = next_thing([message], dates, NOTHING_READ, frozenset(), now)
    return thing.why, thing.about.da if thing.about else None


def test_the_workshop_is_about_the_same_only_when_it_is_near_and_the_module_runs(dates):
    of_the_module = asked()  # p-a2-tuesday: a2 runs from week 7 to 11, workshop 2 is in week 8
    of_an_earlier = asked(template="p-a1-courage")

    assert why(of_the_module, dates, TUESDAY) == ("workshop_near", None)
    assert why(of_the_module, dates, TUESDAY - timedelta(days=5)) == ("module_open", "Digital forestillingsevne")
    assert why(of_an_earlier, dates, TUESDAY) == ("module_open", "Digitalisering som ledelsesopgave")


def test_after_a_workshop_the_question_follows_up_on_it(dates):
    message = asked(template="p-w1-after")

    assert why(message, dates, QUIET) == ("workshop", "Begyndelsen: opgaver, håb og forbehold")


def test_a_follow_up_says_that_it_is_the_last_time(dates):
    assert why(asked(is_follow_up=True), dates, TUESDAY) == ("followed_up", None)


# --- Which questions are open ----------------------------------------------------------------------------------------
def test_a_follow_up_stands_for_its_question():
    first = asked(occurrence_key="a2:0:p-a2-tuesday:0")
    again = asked(
        enrolment=first.enrolment,
        occurrence_key="a2:0:p-a2-tuesday:1",
        is_follow_up=True,
        due_at=TUESDAY + timedelta(days=3),
    )

    assert still_open([first, again]) == [again]


@pytest.mark.parametrize("settle", [answering.answer, answering.dismiss])
def test_a_question_settled_in_its_follow_up_is_not_asked_again(settle):
    first = asked(occurrence_key="a2:0:p-a2-tuesday:0")
    again = asked(enrolment=first.enrolment, occurrence_key="a2:0:p-a2-tuesday:1", is_follow_up=True)
    settle(again, TUESDAY)

    assert still_open(list(Message.objects.all())) == []


# --- What lies around it ---------------------------------------------------------------------------------------------
def test_an_old_meeting_without_a_day_makes_room_for_the_next(dates, programme):
    group = GroupFactory()
    for key in ("g1", "g2"):
        MeetingFactory(group=group, key=key)
    ours = [replace(one, group_id=group.pk) for one in dates.meetings]

    assert next_meeting(replace(dates, meetings=tuple(ours)), group.pk, TUESDAY).key == "g2"
