"""I dag: one next thing, chosen by rules, and the way there for everybody."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from courseplatform import clock
from courseplatform.cohorts.dates import resolve
from courseplatform.cohorts.models import Attendance, Cohort, Enrolment, LessonProgress
from courseplatform.cohorts.progress import Progress
from courseplatform.journal import writing
from courseplatform.journal.models import Reflection
from courseplatform.journal.today import Draft, next_meeting, next_thing, next_workshop, still_open
from courseplatform.outbox.models import Message
from courseplatform.outbox.reading import answering
from lessons.versions import programme as programme_of
from tests.factories import (
    EnrolmentFactory,
    GroupFactory,
    MeetingFactory,
    MembershipFactory,
    MessageFactory,
    RoleFactory,
    UserFactory,
    WorkshopFactory,
)

MONDAY, TUESDAY = date(2026, 8, 31), datetime(2026, 10, 27, 8, 12, tzinfo=UTC)
QUIET = datetime(2026, 10, 6, 8, tzinfo=UTC)  # week 6: no workshop for three weeks
NOTHING_READ = Progress({}, frozenset())
QUERIES = 15

pytestmark = pytest.mark.django_db


@pytest.fixture
def dates(programme):
    planned = resolve(programme, MONDAY, "Europe/Copenhagen")
    return replace(planned, workshops=tuple(replace(one, state="scheduled") for one in planned.workshops))


@pytest.fixture
def enrolment(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: TUESDAY)
    enrolment = EnrolmentFactory()
    programme_of(enrolment.cohort.programme_version.digest)  # read once per process
    return enrolment


@pytest.fixture
def browser(client, enrolment):
    client.force_login(enrolment.person)
    return client


def asked(**fields):
    return MessageFactory(state=Message.State.SENT, **fields)


def everything_read(programme):
    return Progress({lesson.key: date(2026, 9, 1) for lesson in programme.lessons}, frozenset())


def home(browser):
    return browser.get(reverse("home")).content.decode()


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


# --- The page --------------------------------------------------------------------------------------------------------
def test_the_question_is_the_headline_with_its_reason_and_its_reader(browser, enrolment):
    message = asked(enrolment=enrolment)
    WorkshopFactory(cohort=enrolment.cohort)
    html = home(browser)

    assert '<h2 class="ask">Beskriv en tirsdag om tre år.' in html
    assert "Du får det nu, fordi workshoppen onsdag den 28.\u00a0oktober handler om det samme." in html
    assert "Kun du kan læse det." in html
    assert reverse("write", args=[message.pk]) in html
    assert reverse("message-dismiss", args=[message.pk]) in html
    assert html.count("button-primary") == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"answered_at": TUESDAY},
        {"dismissed_at": TUESDAY},
        {"expires_at": TUESDAY},
        {"state": Message.State.DUE},
        {"state": Message.State.SUPPRESSED},
    ],
)
def test_what_is_settled_too_old_or_not_sent_is_not_asked(browser, enrolment, fields):
    MessageFactory(**{"enrolment": enrolment, "state": Message.State.SENT} | fields)

    assert "Et spørgsmål til dig" not in home(browser)


def test_a_question_to_somebody_else_is_not_asked_here(browser, enrolment):
    asked(enrolment=EnrolmentFactory(cohort=enrolment.cohort))

    assert "Et spørgsmål til dig" not in home(browser)


def test_below_stand_the_next_days_and_the_small_lines(browser, enrolment):
    workshop = WorkshopFactory(cohort=enrolment.cohort)
    Attendance.objects.create(enrolment=enrolment, workshop=workshop, response="accepted")
    group = GroupFactory(cohort=enrolment.cohort)
    MembershipFactory(group=group, enrolment=enrolment)
    MeetingFactory(group=group, key="g2")
    asked(enrolment=enrolment)
    html = home(browser)

    assert "I morgen mødes hele holdet" in html
    assert "Rådhuset, sal 2 · Du har sagt ja" in html
    assert "Møde 2: Opsamling på første runde" in html
    assert "uge 47 · gruppen vælger dagen" in html
    assert 'class="lines small"' in html


def test_an_old_meeting_without_a_day_makes_room_for_the_next(dates, programme):
    group = GroupFactory()
    for key in ("g1", "g2"):
        MeetingFactory(group=group, key=key)
    ours = [replace(one, group_id=group.pk) for one in dates.meetings]

    assert next_meeting(replace(dates, meetings=tuple(ours)), group.pk, TUESDAY).key == "g2"


def test_an_invited_person_says_yes_or_no(client):
    enrolment = EnrolmentFactory(state=Enrolment.State.INVITED, cohort__state=Cohort.State.ENROLLING)
    client.force_login(enrolment.person)
    html = home(client)

    assert enrolment.cohort.name in html
    assert reverse("enrolment-accept", args=[enrolment.pk]) in html
    assert reverse("enrolment-decline", args=[enrolment.pk]) in html


@pytest.mark.parametrize(("kind", "place"), [("hr", "cohorts"), ("facilitator", "facilitator")])
def test_hr_and_facilitators_come_to_their_own_first_page(client, kind, place):
    client.force_login(RoleFactory(kind=kind).person)

    assert client.get(reverse("home")).url == reverse(place)


def test_who_takes_part_stays_even_with_a_role(browser, enrolment):
    RoleFactory(person=enrolment.person, kind="hr")

    assert browser.get(reverse("home")).status_code == 200


SECRET = "Jeg tør ikke sige det højt"


def draft(enrolment, prompt_key="", text=SECRET):
    about = {"message": None, "prompt_key": prompt_key, "model_key": "free"}
    entry = writing.begin(enrolment, pk=uuid4(), on=TUESDAY.date(), **about)
    writing.keep_draft(entry, {"text": text}, edition=entry.edition, model_key="free")
    return entry


def test_a_draft_is_offered_without_a_word_of_it(browser, enrolment):
    entry = draft(enrolment, "p-a1-courage")
    html = home(browser)

    assert "Du er begyndt at skrive" in html
    assert reverse("reflection-edit", args=[entry.pk]) in html
    assert SECRET not in html


def test_nobody_sees_that_another_has_begun(browser, enrolment):
    draft(EnrolmentFactory(cohort=enrolment.cohort))

    assert "Du er begyndt" not in home(browser)


def test_what_is_finished_or_deleted_is_no_draft(browser, enrolment):
    for state in ("saved", "deleted"):
        Reflection.objects.filter(pk=draft(enrolment).pk).update(state=state)

    assert "Du er begyndt" not in home(browser)


def test_a_question_whose_answer_is_begun_says_write_on(browser, enrolment):
    asked(enrolment=enrolment)
    draft(enrolment, "p-a2-tuesday")
    html = home(browser)

    assert "Du er begyndt på dit svar" in html
    assert "Skriv videre" in html


def test_a_begun_lesson_opens_where_it_was_left(browser, enrolment):
    LessonProgress.objects.create(enrolment=enrolment, lesson_key="a2-1", paragraph=3, left_at=TUESDAY)

    assert f'{reverse("lesson", args=[enrolment.cohort_id, "a2-1"])}#her"' in home(browser)


# --- A line manager --------------------------------------------------------------------------------------------------
@pytest.fixture
def manager(enrolment):
    manager = UserFactory(display_name="Fagchef, ældre")
    enrolment.person.line_manager = manager
    enrolment.person.save()
    return manager


def conversation(enrolment, manager, **fields):
    kind = {"kind": Message.Kind.CONVERSATION, "template": "p-sponsor-mid"}
    return asked(enrolment=enrolment, person=manager, **kind, **fields)


def test_a_line_manager_reads_of_the_conversation_and_not_of_a_missing_cohort(client, enrolment, manager):
    message = conversation(enrolment, manager)
    client.force_login(manager)
    html = home(client)

    assert f"En samtale med {enrolment.person.display_name}" in html
    assert reverse("message", args=[message.pk]) in html
    assert "minutter af." in html
    assert "Du er ikke på et hold" not in html
    assert html.count("button-primary") == 1


@pytest.mark.parametrize("settled", [{"answered_at": TUESDAY}, {"dismissed_at": TUESDAY}, {"expires_at": TUESDAY}])
def test_a_line_manager_with_nothing_to_do_is_told_what_will_stand_here(client, enrolment, manager, settled):
    conversation(enrolment, manager, **settled)
    client.force_login(manager)
    html = home(client)

    assert "Intet i dag" in html
    assert "Når det er tid til en samtale mellem jer to, står den her." in html
    assert "Du er ikke på et hold" not in html


def test_a_participant_who_also_leads_sees_both(browser, enrolment):
    other = EnrolmentFactory(cohort=enrolment.cohort)
    conversation(other, enrolment.person)
    html = home(browser)

    assert f"En samtale med {other.person.display_name}" in html
    assert html.count("button-primary") == 1


def test_ones_own_conversation_is_the_next_thing_and_does_not_stand_twice(browser, enrolment):
    conversation(enrolment, enrolment.person)
    html = home(browser)

    assert "En samtale med din leder" in html
    assert "Du er inviteret til en samtale" not in html


def test_who_is_nowhere_is_told_what_will_stand_here(client):
    client.force_login(UserFactory())
    html = home(client)

    assert "Du er ikke på et hold endnu." in html
    assert "button-primary" not in html


def test_a_cancelled_cohort_is_gone_from_it(browser, enrolment):
    Cohort.objects.filter(pk=enrolment.cohort_id).update(state="cancelled")

    assert "Du er ikke på et hold endnu." in home(browser)


def test_the_queries_are_few_and_flat(browser, enrolment, django_assert_num_queries):
    WorkshopFactory(cohort=enrolment.cohort)
    group = GroupFactory(cohort=enrolment.cohort)
    MembershipFactory(group=group, enrolment=enrolment)
    for key in ("g1", "g2"):
        MeetingFactory(group=group, key=key)
    for number in range(6):
        asked(enrolment=enrolment, occurrence_key=f"{number}:0:p-a2-tuesday:0")
        LessonProgress.objects.create(enrolment=enrolment, lesson_key=f"a{number}-1")
        EnrolmentFactory(cohort=enrolment.cohort)

    with django_assert_num_queries(QUERIES):
        home(browser)
