"""What somebody has written is erased when they ask for it, by a desk that reads none of it (MODEL §3, §9, I18)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.apps import apps
from django.urls import reverse

from courseplatform.cohorts.models import Attendance, Enrolment, LessonProgress
from courseplatform.journal import erasing
from courseplatform.journal.models import Commitment, MeetingTurn, PeerQuestion, Reflection
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.planner import replan
from courseplatform.people.models import AuditEvent, DataRequest, Tombstone
from courseplatform.people.privacy import data_requests
from courseplatform.people.privacy.sealing import destroy_key
from courseplatform.people.refusals import Refusal
from tests.doors import DOORS, World, address
from tests.factories import (
    PASSWORD,
    CalendarPolicyFactory,
    MessageFactory,
    MunicipalityFactory,
    RoleFactory,
    UserFactory,
    WorkshopFactory,
)
from tests.journal.conftest import NOW, SECRET

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def ask(person, now=NOW):
    return data_requests.ask(person, "erase", now)


class TestTheRequest:
    def test_it_is_asked_once_and_due_a_month_later(self, author):
        asked = ask(author.person)

        assert ask(author.person, NOW + DAY) == asked
        assert (asked.state, asked.due_on) == ("identified", date(2026, 11, 27))

    @pytest.mark.parametrize(
        ("day", "due"), [((2027, 1, 31), (2027, 2, 28)), ((2026, 12, 31), (2027, 1, 31)), ((2026, 12, 1), (2027, 1, 1))]
    )
    def test_a_month_ends_where_the_next_one_is_shorter(self, day, due):
        assert data_requests.a_month_after(date(*day)) == date(*due)

    def test_it_can_be_taken_back_until_it_is_carried_out_and_asked_again(self, author, written):
        asked = ask(author.person)
        data_requests.withdraw(asked, NOW)
        data_requests.withdraw(asked, NOW)
        with pytest.raises(Refusal):
            erasing.carry_out(asked, by=author.cohort.owner_hr, now=NOW)
        again = ask(author.person)
        erasing.carry_out(again, by=author.cohort.owner_hr, now=NOW)

        with pytest.raises(Refusal) as refused:
            data_requests.withdraw(again, NOW)
        assert refused.value.state == "udført"

    def test_two_desks_carry_it_out_once(self, author):
        asked, elsewhere = ask(author.person), DataRequest.objects.get()
        erasing.carry_out(asked, by=author.cohort.owner_hr, now=NOW)
        for step in (
            lambda: erasing.carry_out(elsewhere, by=author.cohort.owner_hr, now=NOW),
            lambda: data_requests.refuse(elsewhere, "Arkivloven § 8", NOW),
        ):
            with pytest.raises(Refusal):
                step()

        assert AuditEvent.objects.filter(action="erase").count() == 1

    @pytest.mark.parametrize("ground", ["", " ", "x" * 301, "Se sagen om 010190-1234"])
    def test_a_refusal_needs_its_ground(self, author, ground):
        asked = ask(author.person)
        with pytest.raises(Refusal):
            data_requests.refuse(asked, ground, NOW)

        assert asked.state == "identified"


@pytest.fixture
def world():
    with time_machine.travel(datetime(2026, 10, 27, 11, tzinfo=UTC), tick=False):
        yield World()


class TestErasing:
    def test_no_sealed_row_of_theirs_is_left_and_every_other_persons_is(self, world, written):
        other = written(SECRET, "cohort")
        assert Commitment.objects.visible_to(world.peer).exists()
        erasing.carry_out(world.data_request, by=world.hr, now=NOW)
        sealed = [model for model in apps.get_app_config("journal").get_models() if hasattr(model, "sealed")]
        left = [row for model in sealed for row in model._base_manager.all() if author_of(row) == world.owner]

        assert left == []
        assert not Commitment.objects.visible_to(world.peer).exists()
        assert not MeetingTurn.objects.filter(presenter__person=world.owner).exists()
        assert Reflection.objects.filter(pk=other.pk).exists()
        assert PeerQuestion.objects.get(pk=world.asked.pk).author == world.peer
        assert set(Tombstone.objects.values_list("rule", flat=True)) == {"asked_for"}
        assert Tombstone.objects.filter(kind="people.personkey", object_id=world.owner.pk).exists()

    def test_what_has_to_be_shown_stays(self, author):
        workshop, desk = WorkshopFactory(cohort=author.cohort), author.cohort.owner_hr
        Attendance.objects.create(enrolment=author, workshop=workshop, outcome="attended")
        LessonProgress.objects.create(enrolment=author, lesson_key="a1-1", state="done", paragraph=4, left_at=NOW)
        LessonProgress.objects.create(enrolment=author, lesson_key="a1-2", paragraph=2, left_at=NOW)
        erasing.carry_out(ask(author.person), by=desk, now=NOW)
        erasing.erase(author.person, NOW + DAY)  # safe to repeat

        assert author.attendances.get(workshop=workshop).outcome == "attended"
        (kept,) = LessonProgress.objects.filter(enrolment=author)
        assert (kept.lesson_key, kept.paragraph) == ("a1-1", None)
        assert Enrolment.objects.get(pk=author.pk).state == "withdrawn"
        assert DataRequest.objects.get().state == "fulfilled"
        (event,) = AuditEvent.objects.filter(action="erase")
        assert (event.actor, event.about) == (desk, author.person)

    @pytest.mark.parametrize("state", ["active", "completed"])
    def test_nothing_more_is_asked_of_them(self, author, state):
        CalendarPolicyFactory()
        Enrolment.objects.filter(pk=author.pk).update(state=state)
        MessageFactory(enrolment=author, due_at=NOW + DAY, local_at=NOW + DAY)
        erasing.carry_out(ask(author.person), by=author.cohort.owner_hr, now=NOW)
        replan(author.cohort, NOW)

        waiting = Message.objects.filter(person=author.person, state="due").exclude(kind__in=["event", "conversation"])
        assert list(waiting) == []


def author_of(row):
    return row.reflection.author if hasattr(row, "reflection_id") and not hasattr(row, "author_id") else row.author


READ_AGAIN = {
    "home",
    "log",
    "reflection",
    "search",
    "search-found",
    "group",
    "meeting",
    "meeting-text",
    "me",
    "own-copy",
}
WITH_TEXTS = ("write", "reflection", "experiment", "question", "insight", "meeting", "peer", "facilitator")


@pytest.mark.parametrize("role", ["owner", "peer", "facilitator"])
def test_no_page_breaks_when_a_key_is_gone(world, client, role):
    """Before its rows are gone too, as in a backup that has just been taken into use."""
    destroy_key(world.owner, NOW)
    client.force_login(getattr(world, role))
    client.raise_request_exception = False
    pages = [name for name, door in DOORS.items() if role in door.opens_for and not door.changes]
    statuses = {
        name: client.get(address(name, DOORS[name], world)).status_code
        for name in pages
        if name in READ_AGAIN or name.startswith(WITH_TEXTS)
    }

    assert {name: status for name, status in statuses.items() if status not in (200, 302, 404, 409)} == {}
    assert {name: status for name, status in statuses.items() if name in READ_AGAIN and status > 302} == {}


class TestPages:
    @pytest.fixture(autouse=True)
    def clock(self):
        with time_machine.travel(NOW, tick=False):
            yield

    @pytest.fixture
    def known(self, signed_in):
        """The browser of a person who has just said once more that it is them."""

        def sign_in(person):
            browser = signed_in(person)
            browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
            return browser

        return sign_in

    @pytest.fixture
    def desk(self, author, written, known):
        """HR's browser, and where the author's request is carried out."""
        written()
        browser, address = known(author.cohort.owner_hr), reverse("data-request", args=[ask(author.person).pk])
        return lambda **posted: browser.post(address, posted) if posted else browser.get(address)

    def test_the_page_says_what_goes_and_what_stays_and_asks_for_a_tick(self, author, known):
        browser = known(author.person)
        assert reverse("own-copy") in browser.get(reverse("erase-me")).content.decode()
        assert browser.post(reverse("erase-me")).status_code == 422
        assert not DataRequest.objects.exists()

        for _ in range(2):
            browser.post(reverse("erase-me"), {"understood": "yes"})
        assert DataRequest.objects.count() == 1
        for _ in range(2):
            assert browser.post(reverse("keep-mine")).status_code == 302
        assert not DataRequest.objects.open().exists()

    def test_whoever_finds_an_open_phone_cannot_begin_it(self, author, signed_in):
        browser = signed_in(author.person)
        asked = browser.post(reverse("erase-me"), {"understood": "yes"})
        assert asked["Location"].startswith(reverse("account_reauthenticate"))
        assert not DataRequest.objects.exists()

        browser.post(asked["Location"], {"password": "et gæt"})
        assert not DataRequest.objects.exists()
        browser.post(asked["Location"], {"password": PASSWORD})
        assert DataRequest.objects.open().get().person == author.person

    def test_an_open_machine_at_the_desk_erases_nothing(self, author, signed_in):
        address = reverse("data-request", args=[ask(author.person).pk])
        answer = signed_in(author.cohort.owner_hr).post(address, {"do": "erase", "sure": "yes"})

        assert answer["Location"].startswith(reverse("account_reauthenticate"))
        assert DataRequest.objects.open().exists()

    def test_the_desk_sees_who_and_when_and_never_what(self, author, desk, client):
        pages = [client.get(reverse("data-requests")).content.decode(), desk().content.decode()]

        for page in pages:
            assert author.person.display_name in page
            assert "27.\xa0november" in page
            assert SECRET not in page
        assert reverse("data-requests") in client.get(reverse("cohorts")).content.decode()

    def test_the_desk_erases_with_a_tick_and_once(self, author, desk):
        assert desk(do="erase").status_code == 422
        assert Reflection.objects.by(author.person).exists()

        for _ in range(2):
            assert desk(do="erase", sure="yes").status_code == 302
        assert not Reflection.objects.filter(author=author.person).exists()
        assert AuditEvent.objects.filter(action="erase").count() == 1

    def test_who_is_refused_reads_why_and_where_to_complain(self, author, desk, signed_in):
        assert desk(do="refuse", ground="").status_code == 409
        desk(do="refuse", ground="Arkivlovens § 8")
        page = signed_in(author.person).get(reverse("erase-me")).content.decode()

        assert "Arkivlovens § 8" in page
        assert "datatilsynet.dk" in page

    def test_who_has_left_asks_by_letter_and_is_identified_first(self, author, desk, client):
        left = UserFactory(is_active=False)
        desk(do="refuse", ground="Arkivlovens § 8")
        answer = client.post(reverse("data-requests"), {"email": f" {left.email.upper()} "})
        received = DataRequest.objects.get(person=left)
        assert answer["Location"] == reverse("data-request", args=[received.pk])
        assert client.post(answer["Location"], {"do": "erase", "sure": "yes"}).status_code == 409

        assert client.post(answer["Location"], {"do": "identify"}).status_code == 302
        assert client.post(answer["Location"], {"do": "identify"}).status_code == 409
        assert client.post(answer["Location"], {"do": "erase", "sure": "yes"}).status_code == 302
        assert [event.action for event in AuditEvent.objects.filter(about=left).order_by("pk")] == ["identify", "erase"]

    def test_nobody_asks_for_somebody_who_can_sign_in_or_works_elsewhere(self, author, desk, client):
        neighbour = MunicipalityFactory(name="Nabo Kommune", mail_domain="nabo.example")
        elsewhere = UserFactory(municipality=neighbour, is_active=False)
        requests = DataRequest.objects.count()
        answers = [
            client.post(reverse("data-requests"), {"email": email}).status_code
            for email in (author.cohort.owner_hr.email, elsewhere.email, "ingen@fjordby.example", "")
        ]

        assert answers == [409, 422, 422, 422]
        assert DataRequest.objects.count() == requests

    def test_hr_of_another_municipality_finds_nothing(self, author):
        ask(author.person)
        neighbour = MunicipalityFactory(name="Nabo Kommune", mail_domain="nabo.example")
        other = RoleFactory(person=UserFactory(municipality=neighbour), kind="hr").person

        assert not DataRequest.objects.for_desk(other).exists()
        assert DataRequest.objects.for_desk(author.cohort.owner_hr).exists()
