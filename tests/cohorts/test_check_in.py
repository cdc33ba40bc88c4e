"""Turning up by a code: scanned or typed, before or after signing in, once for each seat."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from courseplatform import clock
from courseplatform.cohorts.models import Attendance, AttendanceNote, CheckIn, Substitution, Workshop
from courseplatform.cohorts.transitions.check_in import note
from courseplatform.cohorts.workshops.arrival_codes import ALPHABET, code_at, tidy_code, workshop_behind
from courseplatform.people.models import AuditEvent
from courseplatform.people.refusals import Refusal
from tests.factories import PASSWORD, EnrolmentFactory, UserFactory, WorkshopFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def enrolment():
    return EnrolmentFactory()


@pytest.fixture
def workshop(enrolment):
    cache.clear()
    return WorkshopFactory(cohort=enrolment.cohort)


@pytest.fixture
def travel(monkeypatch):
    def to(instant):
        monkeypatch.setattr(clock, "now", lambda: instant)

    return to


@pytest.fixture
def at_the_door(workshop, travel):
    """Ten minutes before it begins."""
    travel(workshop.starts_at - 10 * MINUTE)
    return workshop.starts_at - 10 * MINUTE


def scan(client, workshop, at):
    return client.get(reverse("arrive-with", args=[code_at(workshop.pk, at)]), follow=True)


def outcome(enrolment):
    return Attendance.objects.get(enrolment=enrolment).outcome


def test_the_code_changes_every_minute_and_counts_for_five(workshop, at_the_door):
    code = code_at(workshop.pk, at_the_door)

    assert len(code) == 6
    assert set(code) <= set(ALPHABET)
    assert code != code_at(workshop.pk, at_the_door + MINUTE)
    assert [bool(workshop_behind(code, at_the_door + n * MINUTE)) for n in (0, 5, 6)] == [True, True, False]
    assert tidy_code(f" {code[:3].lower()}-{code[3:]} ") == code


def test_scanning_counts_once_however_often(client, workshop, enrolment, at_the_door):
    client.force_login(enrolment.person)
    for _scan in range(2):
        page = scan(client, workshop, at_the_door).content.decode()

    row = CheckIn.objects.get()
    assert (row.enrolment, row.person, row.scanned_at, row.is_early) == (enrolment, enrolment.person, at_the_door, True)
    assert outcome(enrolment) == "attended"
    assert AttendanceNote.objects.count() == 1
    assert "Du er her" in page


def test_typing_the_code_is_as_good(client, workshop, enrolment, at_the_door):
    client.force_login(enrolment.person)
    client.post(reverse("arrive"), {"code": code_at(workshop.pk, at_the_door).lower()})

    assert outcome(enrolment) == "attended"


def test_a_scan_before_signing_in_counts_when_it_was_made(client, workshop, enrolment, at_the_door, travel):
    answer = client.get(reverse("arrive-with", args=[code_at(workshop.pk, at_the_door)]))
    assert answer.url.startswith(reverse("account_login"))
    assert not CheckIn.objects.exists()

    travel(at_the_door + 20 * MINUTE)
    client.post(answer.url, {"login": enrolment.person.email, "password": PASSWORD})

    assert CheckIn.objects.get().scanned_at == at_the_door
    assert outcome(enrolment) == "attended"


def test_a_wrong_or_old_code_says_so_kindly(client, workshop, enrolment, at_the_door, travel):
    client.force_login(enrolment.person)
    old = code_at(workshop.pk, at_the_door - 6 * MINUTE)
    for code in ("ABC234", old, "%3Cscript%3E"):
        page = client.get(f"/her/{code}/")
        assert page.status_code == 200
        assert "gælder ikke" in page.content.decode()

    assert not CheckIn.objects.exists()


@pytest.mark.parametrize(("minutes", "counts"), [(-61, False), (-60, True), (360, True), (361, False)])
def test_it_counts_from_an_hour_before_until_the_end(client, workshop, enrolment, travel, minutes, counts):
    travel(workshop.starts_at + minutes * MINUTE)
    client.force_login(enrolment.person)
    scan(client, workshop, workshop.starts_at + minutes * MINUTE)

    assert CheckIn.objects.exists() is counts


def test_guessing_ends_after_twenty_tries_and_right_codes_are_not_counted(client, workshop, enrolment, at_the_door):
    client.force_login(enrolment.person)
    for _ in range(25):
        scan(client, workshop, at_the_door)
    answers = [client.get("/her/ABC234/").status_code for _ in range(21)]

    assert answers == [200] * 20 + [429]


def test_a_colleague_checks_in_for_the_seat_and_the_participant_cannot(client, workshop, enrolment, at_the_door):
    colleague = UserFactory()
    seat = {"enrolment": enrolment, "workshop": workshop, "state": "stands", "held_from": at_the_door}
    Substitution.objects.create(substitute=colleague, **seat)
    client.force_login(enrolment.person)
    scan(client, workshop, at_the_door)
    assert not CheckIn.objects.exists()

    client.force_login(colleague)
    scan(client, workshop, at_the_door)

    assert (CheckIn.objects.get().enrolment, CheckIn.objects.get().person) == (enrolment, colleague)
    assert outcome(enrolment) == "attended"


def test_who_has_no_seat_and_what_is_cancelled_count_for_nothing(client, workshop, enrolment, at_the_door):
    client.force_login(UserFactory())
    assert "ingen plads" in scan(client, workshop, at_the_door).content.decode()

    Workshop.objects.update(state="cancelled")
    client.force_login(enrolment.person)
    scan(client, workshop, at_the_door)

    assert not CheckIn.objects.exists()
    assert not Attendance.objects.exists()


def test_what_a_facilitator_has_noted_stands_against_a_late_count(client, workshop, enrolment, at_the_door):
    Attendance.objects.create(enrolment=enrolment, workshop=workshop, outcome="part")
    client.force_login(enrolment.person)
    scan(client, workshop, at_the_door)

    assert outcome(enrolment) == "part"


# --- Noting and correcting ------------------------------------------------------------------------------------------
def test_a_correction_needs_a_reason_and_is_written_down(workshop, enrolment, at_the_door):
    facilitator = UserFactory()
    facts = {"by": facilitator, "now": at_the_door}
    assert note(workshop, enrolment, "absent", before="unknown", reason="", **facts)
    with pytest.raises(Refusal):
        note(workshop, enrolment, "part", before="absent", reason=" ", **facts)
    assert outcome(enrolment) == "absent"

    assert note(workshop, enrolment, "part", before="absent", reason="Kom efter frokost.", **facts)

    trail = AttendanceNote.objects.values_list("before", "outcome", "reason", "created_by")
    assert list(trail) == [
        ("unknown", "absent", "", facilitator.pk),
        ("absent", "part", "Kom efter frokost.", facilitator.pk),
    ]
    events = AuditEvent.objects.filter(about=enrolment.person, action="noted_attendance")
    assert [event.actor for event in events] == [facilitator, facilitator]
    assert not any("frokost" in event.purpose for event in events)


def test_a_stale_list_overwrites_nothing(workshop, enrolment, at_the_door):
    facts = {"by": UserFactory(), "now": at_the_door}
    note(workshop, enrolment, "attended", before="unknown", reason="", **facts)
    with pytest.raises(Refusal):
        note(workshop, enrolment, "absent", before="unknown", reason="", **facts)

    assert outcome(enrolment) == "attended"


def test_nothing_is_noted_long_before_it_begins(workshop, enrolment):
    with pytest.raises(Refusal):
        note(
            workshop, enrolment, "absent", before="unknown", reason="", by=UserFactory(),
            now=workshop.starts_at - 61 * MINUTE,
        )  # fmt: skip
    assert not Attendance.objects.exists()
