"""Calendar mail about seats: the colleague gets the entry, the participant loses it, and nobody hears it twice."""

from datetime import UTC, datetime, timedelta

import pytest

from courseplatform.cohorts.models import Workshop
from courseplatform.cohorts.transitions import seat as seats
from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.cohorts.transitions.answer import answer_workshop
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.invitations import plan_invitations
from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.sending.pacing import calendar_of
from tests.factories import EnrolmentFactory, MessageFactory, UserFactory, WorkshopFactory
from tests.outbox.test_invitations import event_of

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 10, 12, 8, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def enrolment():
    return EnrolmentFactory()


@pytest.fixture
def workshop(enrolment):
    """Everybody has been invited: the participant, and a peer who shall hear nothing more."""
    workshop = WorkshopFactory(cohort=enrolment.cohort)
    EnrolmentFactory(cohort=workshop.cohort)
    plan_invitations(workshop.cohort, MONDAY)
    send_due(MONDAY)
    return workshop


@pytest.fixture
def colleague():
    return UserFactory()


@pytest.fixture
def sent(mailoutbox):
    """Plans and sends what is due at that minute, and says what went to whom: address, method, sequence."""

    def at(workshop, minutes):
        mailoutbox.clear()
        now = MONDAY + minutes * MINUTE
        plan_invitations(workshop.cohort, now)
        send_due(now + 10 * MINUTE)
        return sorted((mail.to[0], *_facts(mail)) for mail in mailoutbox)

    return at


@pytest.fixture
def waiting(workshop, enrolment, sent):
    """The next in line for the one seat there is, which the participant has."""
    Workshop.objects.update(seats=1)
    late = EnrolmentFactory(cohort=workshop.cohort)
    sent(workshop, 5)
    for minutes, one in enumerate([enrolment, late]):
        answer_workshop(workshop, one, "accepted", now=MONDAY + (20 + minutes) * MINUTE)
    return late


def _facts(mail):
    calendar, event = event_of(mail)
    return str(calendar["METHOD"]), event["SEQUENCE"]


def send(workshop, enrolment, colleague, minutes=20):
    return seats.send(workshop, enrolment, colleague, by=enrolment.person, now=MONDAY + minutes * MINUTE)


def test_the_colleague_is_invited_and_the_participants_entry_goes(workshop, enrolment, colleague, sent):
    send(workshop, enrolment, colleague)

    assert sent(workshop, 20) == sorted([(colleague.email, "REQUEST", 1), (enrolment.person.email, "CANCEL", 1)])
    assert sent(workshop, 60) == []
    theirs = Message.objects.get(person=colleague)
    assert (theirs.enrolment, theirs.template, theirs.is_for_sponsor) == (enrolment, "seat", False)


def test_a_seat_that_comes_back_is_told_to_both_with_a_higher_sequence(workshop, enrolment, colleague, sent):
    row = send(workshop, enrolment, colleague)
    sent(workshop, 20)
    seats.take_back(row, now=MONDAY + 60 * MINUTE)

    assert sent(workshop, 60) == sorted([(colleague.email, "CANCEL", 2), (enrolment.person.email, "REQUEST", 2)])
    assert sent(workshop, 120) == []
    assert Message.objects.get(template="seat_back").person == enrolment.person


def test_taken_back_before_anybody_heard_of_it_nothing_is_sent(workshop, enrolment, colleague, sent):
    row = send(workshop, enrolment, colleague)
    plan_invitations(workshop.cohort, MONDAY + 20 * MINUTE)
    seats.take_back(row, now=MONDAY + 25 * MINUTE)

    assert sent(workshop, 25) == []
    assert sent(workshop, 60) == []


@pytest.mark.parametrize(("outcome", "told"), [("cancelled", []), ("sent", ["CANCEL"])])
def test_an_invitation_on_its_way_when_the_seat_is_taken_back_is_followed_once_it_is_known(
    workshop, enrolment, colleague, sent, outcome, told
):
    row = send(workshop, enrolment, colleague)
    plan_invitations(workshop.cohort, MONDAY + 20 * MINUTE)
    theirs = Message.objects.filter(person=colleague)
    theirs.update(state="claimed", claim=1)
    seats.take_back(row, now=MONDAY + 31 * MINUTE)
    assert sent(workshop, 31) == []

    assert theirs.get().cancel_asked
    theirs.update(state=outcome, claim=None)

    assert [method for to, method, _sequence in sent(workshop, 60) if to == colleague.email] == told
    assert sent(workshop, 90) == []


def test_a_move_reaches_who_has_the_seat(workshop, enrolment, colleague, sent):
    send(workshop, enrolment, colleague)
    sent(workshop, 20)
    Workshop.objects.update(place="Biblioteket", ics_sequence=5)
    peer = workshop.cohort.enrolments.exclude(pk=enrolment.pk).get().person

    assert sent(workshop, 60) == sorted([(colleague.email, "REQUEST", 5), (peer.email, "REQUEST", 5)])


def test_a_cancelled_workshop_leaves_the_calendars_it_stands_in(workshop, enrolment, colleague, sent):
    send(workshop, enrolment, colleague)
    sent(workshop, 20)
    Workshop.objects.update(state="cancelled", ics_sequence=5)
    peer = workshop.cohort.enrolments.exclude(pk=enrolment.pk).get().person

    assert sent(workshop, 60) == sorted([(colleague.email, "CANCEL", 5), (peer.email, "CANCEL", 5)])


@pytest.mark.parametrize("who", ["colleague", "participant"])
def test_nothing_goes_to_the_seat_of_somebody_who_has_left(workshop, enrolment, colleague, sent, who):
    send(workshop, enrolment, colleague)
    left = colleague if who == "colleague" else enrolment.person
    left.is_active = False
    left.save()

    assert (colleague.email, "REQUEST", 1) not in sent(workshop, 20)  # MODEL I12


def test_the_next_in_line_is_told_once(workshop, enrolment, waiting, sent):
    assert sent(workshop, 30) == []

    answer_workshop(workshop, enrolment, "declined", now=MONDAY + 40 * MINUTE)

    assert sent(workshop, 40) == [(waiting.person.email, "REQUEST", 1)]
    assert sent(workshop, 60) == []


def test_a_seat_left_by_somebody_who_withdrew_is_given_at_the_next_look(workshop, enrolment, sent):
    Workshop.objects.update(seats=1)
    late = EnrolmentFactory(cohort=workshop.cohort)
    sent(workshop, 5)
    for one in (enrolment, late):
        answer_workshop(workshop, one, "accepted", now=MONDAY + 20 * MINUTE)
    enrolment.state = "withdrawn"
    enrolment.save()

    assert sent(workshop, 30) == sorted([(enrolment.person.email, "CANCEL", 2), (late.person.email, "REQUEST", 2)])
    assert late.attendances.get().response == "accepted"


def test_a_seat_that_a_colleague_declines_is_promised_to_one_alone(workshop, enrolment, colleague, waiting, sent):
    row = send(workshop, enrolment, colleague, 30)
    sent(workshop, 30)
    seats.decline(row, now=MONDAY + 60 * MINUTE)
    sent(workshop, 60)

    told = Message.objects.filter(state="sent").order_by("created_at")
    assert told.filter(person=waiting.person).last().template == "seat_free"
    assert told.filter(person=enrolment.person).last().template == "invitation"


def test_a_free_seat_that_was_declined_overnight_is_not_offered_in_the_morning(workshop, enrolment, waiting, sent):
    answer_workshop(workshop, enrolment, "declined", now=MONDAY + 40 * MINUTE)
    plan_invitations(workshop.cohort, MONDAY + 40 * MINUTE)
    answer_workshop(workshop, waiting, "declined", now=MONDAY + 41 * MINUTE)

    assert sent(workshop, 60) == []
    assert Message.objects.filter(template="seat_free").values_list("state", "reason").get() == (
        "cancelled",
        "replaced",
    )


def test_a_free_seat_is_still_news_after_a_move_that_was_taken_back(workshop, enrolment, waiting, sent):
    answer_workshop(workshop, enrolment, "declined", now=MONDAY + 40 * MINUTE)
    for hours in (1, -1):
        workshop.refresh_from_db()
        slot = Slot(workshop.starts_at + hours * HOUR, workshop.ends_at + hours * HOUR, workshop.place)
        workshops.move(workshop, slot, calendar=calendar_of(workshop.cohort), now=MONDAY + 41 * MINUTE)
        plan_invitations(workshop.cohort, MONDAY + 41 * MINUTE)

    assert [(to, method) for to, method, _sequence in sent(workshop, 60)] == [(waiting.person.email, "REQUEST")]


def test_who_waits_for_a_seat_is_not_reminded_to_prepare(workshop, enrolment, waiting, mailoutbox):
    about = {"kind": "reminder", "template": "p-w1-prepare", "workshop": workshop, "due_at": MONDAY}
    for one in (enrolment, waiting):
        MessageFactory(enrolment=one, **about)
    mailoutbox.clear()
    send_due(MONDAY + 30 * MINUTE)

    assert [mail.to for mail in mailoutbox] == [[enrolment.person.email]]
    assert Message.objects.filter(kind="reminder", person=waiting.person).get().reason == "waiting"
