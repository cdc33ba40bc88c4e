"""I dag as a page: what it shows to whom, and what it never shows."""

from datetime import UTC, datetime, timedelta
from html import escape

import pytest
from django.urls import reverse

from courseplatform import clock
from courseplatform.cohorts.models import Attendance, Cohort, Enrolment, LessonProgress, Material
from courseplatform.cohorts.transitions import seat as seats
from courseplatform.journal.experiments import transitions as experiments
from courseplatform.outbox.models import Message
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
from tests.journal.trying import QUESTION, running

TUESDAY = datetime(2026, 10, 27, 8, 12, tzinfo=UTC)
QUERIES = 15

pytestmark = pytest.mark.django_db


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


def home(browser):
    return browser.get(reverse("home")).content.decode()


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

    assert "Dit forløb er slut" in home(browser)


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


def test_ones_experiment_stands_there_with_what_it_waits_for(browser, enrolment):
    experiment = running(enrolment)
    see, reflect = (reverse(name, args=[experiment.pk]) for name in ("experiment-see", "experiment-reflect"))
    html = home(browser)
    assert ("Spørg ved tavlen" in html, see in html, reflect in html) == (True, True, False)
    plan = "Hvis mandagens tavlemøde når til borgerhenvendelser, så spørger jeg først, hvad systemet foreslog."
    assert plan in html

    experiments.stop(experiment, "Ferien kom i vejen", TUESDAY)
    html = home(browser)
    assert (see in html, reflect in html, html.count("button-primary")) == (False, True, 1)


class TestAColleagueInSomebodysSeat:
    @pytest.fixture
    def seat(self, enrolment):
        workshop = WorkshopFactory(cohort=enrolment.cohort)
        Material.objects.create(workshop=workshop, title="Plancher", link="https://fjordby.example/1", added_at=TUESDAY)
        colleague = UserFactory(municipality=enrolment.cohort.municipality)
        return seats.send(workshop, enrolment, colleague, by=enrolment.person, now=TUESDAY)

    def test_they_find_the_workshop_its_facts_and_its_material_and_why_there_is_no_more(self, client, seat):
        client.force_login(seat.substitute)
        html = home(client)

        assert f"Du kommer i stedet for {seat.enrolment.person.display_name}" in html
        assert reverse("workshop", args=[seat.workshop.pk]) in html
        assert (html.count("button-primary"), html.count("Plancher")) == (1, 1)
        assert "Du er her kun til denne workshop." in html
        assert "Når HR inviterer dig" not in html
        assert reverse("programme-of", args=[seat.workshop.cohort_id]) not in html

    def test_a_seat_taken_back_or_long_past_leaves_nothing(self, client, seat, monkeypatch):
        client.force_login(seat.substitute)
        seats.take_back(seat, now=TUESDAY)
        assert "Du kommer i stedet for" not in home(client)
        seats.send(seat.workshop, seat.enrolment, seat.substitute, by=seat.enrolment.person, now=TUESDAY)
        for days, is_there in ((14, True), (16, False)):
            monkeypatch.setattr(clock, "now", lambda days=days: TUESDAY + timedelta(days=days))
            assert ("Du kommer i stedet for" in home(client)) is is_there


@pytest.mark.parametrize(
    "became",
    [
        {"state": "bounced", "reason": "undeliverable", "sent_at": TUESDAY},
        {"state": "failed", "reason": "refused"},
        {"state": "suppressed", "reason": "undeliverable"},
    ],
)
def test_who_cannot_get_mail_is_asked_on_the_page_from_the_time_it_was_to_come(browser, enrolment, became):
    message = MessageFactory(enrolment=enrolment, **became)
    write = reverse("write", args=[message.pk])
    assert write in home(browser)
    assert browser.get(write).status_code == 200

    Message.objects.update(due_at=TUESDAY + timedelta(days=1))
    assert (write in home(browser)) is (became["state"] != "suppressed")


def test_what_was_held_back_for_another_reason_is_not_asked(browser, enrolment):
    message = MessageFactory(enrolment=enrolment, state="suppressed", reason="muted")
    assert reverse("write", args=[message.pk]) not in home(browser)


def test_whose_seat_a_colleague_has_is_not_told_to_get_ready(browser, enrolment):
    workshop = WorkshopFactory(cohort=enrolment.cohort)
    Attendance.objects.create(enrolment=enrolment, workshop=workshop, response="accepted")
    assert "Gør dig klar" in home(browser)
    colleague = UserFactory(municipality=enrolment.person.municipality)
    seats.send(workshop, enrolment, colleague, by=enrolment.person, now=TUESDAY)

    assert "Gør dig klar" not in home(browser)
    assert "En kollega kommer i dit sted" in home(browser)


def test_the_meeting_that_is_on_has_its_way_in_on_the_first_page(browser, enrolment):
    group = GroupFactory(cohort=enrolment.cohort)
    MembershipFactory(group=group, enrolment=enrolment)
    times = {"starts_at": TUESDAY - timedelta(minutes=5), "ends_at": TUESDAY + timedelta(hours=2)}
    meeting = MeetingFactory(group=group, key="g2", state="scheduled", **times)
    assert "Din læringsgruppe mødes nu" in home(browser)
    assert reverse("meeting", args=[meeting.pk]) in home(browser)


def test_who_has_left_is_told_where_their_own_words_are(browser, enrolment):
    running(enrolment)
    Enrolment.objects.update(state=Enrolment.State.WITHDRAWN)
    page = home(browser)
    assert "Dit forløb er slut" in page
    assert reverse("log") in page
    mine = browser.get(reverse("experiments")).content.decode()
    assert escape(QUESTION) in mine
    assert reverse("question") not in mine
    assert reverse("experiment-new") not in mine


def test_an_archived_cohort_leaves_everybody_their_experiments(browser, enrolment):
    experiment = running(enrolment)
    Cohort.objects.update(state=Cohort.State.ARCHIVED)
    assert reverse("experiment", args=[experiment.pk]) in browser.get(reverse("experiments")).content.decode()
