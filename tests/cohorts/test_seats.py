"""Sending a colleague, waiting for a seat, and never more people than seats."""

from datetime import UTC, datetime, timedelta

import pytest

from courseplatform.cohorts.models import Attendance, Substitution, Workshop
from courseplatform.cohorts.transitions import seat as seats
from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.cohorts.transitions.answer import answer_by_mail, answer_workshop
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.cohorts.transitions.waiting_list import fill, limit, place_in_line
from courseplatform.outbox.sending.pacing import calendar_of
from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal
from tests.factories import EnrolmentFactory, MunicipalityFactory, UserFactory, WorkshopFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 26, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def enrolment():
    return EnrolmentFactory()


@pytest.fixture
def workshop(enrolment):
    return WorkshopFactory(cohort=enrolment.cohort)


@pytest.fixture
def colleague():
    return UserFactory()


def send(workshop, enrolment, colleague, now=NOW):
    return seats.send(workshop, enrolment, colleague, by=enrolment.person, now=now)


def response(enrolment, workshop):
    return Attendance.objects.get(enrolment=enrolment, workshop=workshop).response


def test_a_colleague_has_the_seat_and_the_history_says_since_when(workshop, enrolment, colleague):
    row = send(workshop, enrolment, colleague)

    assert (row.state, row.substitute, row.held_from) == ("stands", colleague, NOW)
    assert list(Substitution.objects.held_by(colleague)) == [row]
    assert response(enrolment, workshop) == "accepted"
    assert Workshop.objects.get().ics_sequence == workshop.ics_sequence + 1  # MODEL I13


def test_a_second_press_sends_nobody_twice(workshop, enrolment, colleague):
    assert send(workshop, enrolment, colleague) == send(workshop, enrolment, colleague)
    assert Workshop.objects.get().ics_sequence == workshop.ics_sequence + 1


def test_a_seat_is_given_to_one_at_a_time(workshop, enrolment, colleague):
    send(workshop, enrolment, colleague)
    with pytest.raises(Refusal):
        send(workshop, enrolment, UserFactory())
    with pytest.raises(Refusal):
        send(workshop, EnrolmentFactory(cohort=workshop.cohort), colleague)

    assert Substitution.objects.count() == 1


@pytest.mark.parametrize("who", ["gone", "elsewhere", "participant", "facilitator"])
def test_some_people_cannot_be_sent(workshop, enrolment, who):
    person = {
        "gone": lambda: UserFactory(is_active=False),
        "elsewhere": lambda: UserFactory(municipality=MunicipalityFactory(name="Nabo Kommune")),
        "participant": lambda: EnrolmentFactory(cohort=workshop.cohort).person,
        "facilitator": UserFactory,
    }[who]()
    if who == "facilitator":
        workshop.cohort.facilitators.add(person)

    with pytest.raises(Refusal):
        send(workshop, enrolment, person)
    assert not Substitution.objects.exists()


def test_taken_back_the_seat_is_the_participants_and_what_was_stays(workshop, enrolment, colleague):
    row = send(workshop, enrolment, colleague)
    for _press in range(2):
        seats.take_back(row, now=NOW + MINUTE)

    assert (row.state, row.ended_at) == ("taken_back", NOW + MINUTE)
    assert not Substitution.objects.held_by(colleague).exists()
    assert response(enrolment, workshop) == "accepted"
    assert Workshop.objects.get().ics_sequence == workshop.ics_sequence + 2


def test_who_declines_asks_the_participant_again(workshop, enrolment, colleague):
    row = send(workshop, enrolment, colleague)
    seats.decline(row, now=NOW + MINUTE)

    assert row.state == "declined"
    assert response(enrolment, workshop) == "none"
    with pytest.raises(Refusal):
        seats.take_back(row, now=NOW + MINUTE)


def test_from_the_first_minute_the_seats_stay_as_they_are(workshop, enrolment, colleague):
    row = send(workshop, enrolment, colleague)
    for step in (seats.take_back, seats.decline):
        with pytest.raises(Refusal):
            step(row, now=workshop.starts_at)

    assert Substitution.objects.get().state == "stands"


def test_while_a_colleague_has_the_seat_the_participant_does_not_answer(workshop, enrolment, colleague):
    send(workshop, enrolment, colleague)
    with pytest.raises(Refusal):
        answer_workshop(workshop, enrolment, "declined", now=NOW + MINUTE)

    assert response(enrolment, workshop) == "accepted"


def test_an_address_waits_for_hr_and_changes_nothing_until_then(workshop, enrolment):
    row = seats.ask(workshop, enrolment, " NY@fjordby.example", "Ny Kollega", by=enrolment.person, now=NOW)

    assert (row.state, row.email, row.substitute) == ("asked", "ny@fjordby.example", None)
    assert not User.objects.filter(email=row.email).exists()
    assert not Attendance.objects.exists()

    seats.confirm(row, now=NOW + MINUTE)

    assert (row.state, row.substitute.display_name, row.held_from) == ("stands", "Ny Kollega", NOW + MINUTE)
    assert row.substitute.municipality == workshop.cohort.municipality


def test_what_hr_refuses_makes_nobody(workshop, enrolment):
    row = seats.ask(workshop, enrolment, "ny@fjordby.example", "Ny Kollega", by=enrolment.person, now=NOW)
    seats.refuse(row, now=NOW)

    with pytest.raises(Refusal):
        seats.confirm(row, now=NOW)
    assert not User.objects.filter(email="ny@fjordby.example").exists()


# --- Seats that are counted ------------------------------------------------------------------------------------------
@pytest.fixture
def full(workshop, enrolment):
    """One seat, taken by the first; two others have said yes after each other."""
    Workshop.objects.update(seats=1)
    others = [EnrolmentFactory(cohort=workshop.cohort) for _ in range(2)]
    for minutes, one in enumerate([enrolment, *others]):
        answer_workshop(workshop, one, "accepted", now=NOW + minutes * MINUTE)
    return others


def test_a_yes_beyond_the_seats_waits_in_the_order_of_the_answers(workshop, enrolment, full):
    waiting = [Attendance.objects.get(enrolment=one) for one in full]

    assert response(enrolment, workshop) == "accepted"
    assert [(one.response, place_in_line(one)) for one in waiting] == [("waiting", 1), ("waiting", 2)]


def test_saying_yes_again_costs_nobody_their_place(workshop, full):
    answer_workshop(workshop, full[0], "accepted", now=NOW + 9 * MINUTE)

    assert place_in_line(Attendance.objects.get(enrolment=full[0])) == 1


def test_a_no_lets_the_first_one_in_and_the_calendar_entry_follows(workshop, enrolment, full):
    before = Workshop.objects.get().ics_sequence
    answer_workshop(workshop, enrolment, "declined", now=NOW + 9 * MINUTE)

    assert [response(one, workshop) for one in full] == ["accepted", "waiting"]
    assert Attendance.objects.get(enrolment=full[0]).seat_given_at == NOW + 9 * MINUTE
    assert Workshop.objects.get().ics_sequence == before + 1
    assert fill(workshop, now=NOW + 9 * MINUTE) == 0


def test_an_answer_by_mail_counts_seats_too(workshop, full):
    late = EnrolmentFactory(cohort=workshop.cohort)
    answer_by_mail(workshop, late, "accepted", said_at=NOW, now=NOW)

    assert response(late, workshop) == "waiting"


def test_more_seats_are_given_away_at_once_and_fewer_take_none(workshop, enrolment, full):
    limit(workshop, 2, now=NOW)
    assert [response(one, workshop) for one in full] == ["accepted", "waiting"]

    limit(workshop, 1, now=NOW)
    assert response(full[0], workshop) == "accepted"
    limit(workshop, None, now=NOW)
    assert response(full[1], workshop) == "accepted"


def test_who_waits_has_no_seat_to_give(workshop, full, colleague):
    with pytest.raises(Refusal):
        send(workshop, full[0], colleague)

    assert not Substitution.objects.exists()
    assert response(full[0], workshop) == "waiting"


def test_a_seat_with_a_colleague_is_taken(workshop, enrolment, full, colleague):
    send(workshop, enrolment, colleague)
    fill(workshop, now=NOW)

    assert [response(one, workshop) for one in full] == ["waiting", "waiting"]


def moved(workshop, hours, seconds):
    workshop.refresh_from_db()
    shift = timedelta(hours=hours)
    slot = Slot(workshop.starts_at + shift, workshop.ends_at + shift, workshop.place)
    workshops.move(workshop, slot, calendar=calendar_of(workshop.cohort), now=NOW + timedelta(seconds=seconds))


def test_a_move_that_is_taken_back_costs_nobody_their_seat_or_their_place(workshop, enrolment, full):
    answer_workshop(workshop, enrolment, "declined", now=NOW + 9 * MINUTE)
    given_at = Attendance.objects.get(enrolment=full[0]).seat_given_at
    moved(workshop, 24, 600)
    moved(workshop, 1, 610)
    assert set(workshop.attendances.values_list("response", flat=True)) == {"none"}

    moved(workshop, -25, 620)

    assert [response(one, workshop) for one in (enrolment, *full)] == ["declined", "accepted", "waiting"]
    assert Attendance.objects.get(enrolment=full[0]).seat_given_at == given_at
    assert place_in_line(Attendance.objects.get(enrolment=full[1])) == 1


def test_an_answer_counts_at_the_time_it_was_given_to_and_at_no_other(workshop, enrolment):
    answer_workshop(workshop, enrolment, "accepted", now=NOW)
    moved(workshop, 24, 60)
    answer_workshop(workshop, enrolment, "declined", now=NOW + 2 * MINUTE)

    said = []
    for hours in (-24, 24, 1, -25):
        moved(workshop, hours, 180)
        said.append(response(enrolment, workshop))

    assert said == ["accepted", "declined", "none", "none"]  # one other time is remembered


def test_after_the_beginning_nobody_moves_up(workshop, enrolment, full):
    Attendance.objects.filter(enrolment=enrolment).update(response="declined")

    assert fill(workshop, now=workshop.starts_at) == 0
