"""Where I am signed in: my own places in plain words, nothing of the net's, and one tap that ends the others."""

from datetime import UTC, datetime

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from courseplatform.people.signing_in.devices import device_of
from tests.factories import PASSWORD, UserFactory
from worker.ticks import reap_tick

TUESDAY = datetime(2026, 10, 27, 9, tzinfo=UTC)
WEDNESDAY = datetime(2026, 10, 28, 9, tzinfo=UTC)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"


@pytest.fixture
def person(db):
    return UserFactory()


def signed_in(person, device, at=TUESDAY):
    """A browser in which the person has signed in through the form."""
    browser = Client(headers={"user-agent": device}, REMOTE_ADDR="10.1.2.3")
    with time_machine.travel(at):
        browser.post("/konto/login/", {"login": person.email, "password": PASSWORD})
    return browser


def places(browser, at=WEDNESDAY):
    with time_machine.travel(at):
        return [(place.device, place.is_here) for place in browser.get("/min-side/adgang/").context["places"]]


def test_this_place_stands_first_and_other_peoples_not_at_all(person):
    desk, phone = signed_in(person, EDGE), signed_in(person, IPHONE)
    signed_in(UserFactory(), EDGE)

    assert places(phone) == [("iPhone, Safari", True), ("Windows, Edge", False)]
    assert places(desk) == [("Windows, Edge", True), ("iPhone, Safari", False)]


def test_neither_address_nor_the_browsers_own_words_are_kept(person):
    signed_in(person, IPHONE)

    assert list(UserSession.objects.values_list("ip", "user_agent", "data")) == [("0.0.0.0", "iPhone, Safari", {})]


def test_one_tap_ends_the_others_and_this_one_goes_on(person):
    desk, phone, stranger = signed_in(person, EDGE), signed_in(person, IPHONE), signed_in(UserFactory(), EDGE)
    with time_machine.travel(TUESDAY):
        phone.post("/min-side/log-ud-overalt/")

    assert places(phone) == [("iPhone, Safari", True)]
    assert desk.get("/min-side/").status_code == 302
    with time_machine.travel(TUESDAY):
        assert stranger.get("/min-side/").status_code == 200
    assert Session.objects.count() == 2  # what the desk had opened is gone from the database as well


def test_one_place_is_ended_alone_at_its_next_request_and_a_second_tap_says_the_same(person):
    desk, phone, third = signed_in(person, EDGE), signed_in(person, IPHONE), signed_in(person, "curl/8.5")
    with time_machine.travel(TUESDAY):
        there = next(one.pk for one in phone.get("/min-side/adgang/").context["places"] if "Edge" in one.device)
        answers = [phone.post(f"/min-side/adgang/{there}/log-ud/", follow=True) for _ in range(2)]

    assert "Du er logget ud dér: Windows, Edge." in answers[0].content.decode()
    assert "Du er logget ud dér." in answers[1].content.decode()
    with time_machine.travel(TUESDAY):
        assert [one.get("/min-side/").status_code for one in (desk, phone, third)] == [302, 200, 200]
    assert places(phone) == [("iPhone, Safari", True), ("", False)]


def test_nobody_ends_anothers_place_and_this_one_is_left_by_signing_out(person):
    phone, stranger = signed_in(person, IPHONE), signed_in(UserFactory(), EDGE)
    with time_machine.travel(TUESDAY):
        [here] = phone.get("/min-side/adgang/").context["places"]
        assert stranger.post(f"/min-side/adgang/{here.pk}/log-ud/").status_code == 404
        phone.post(f"/min-side/adgang/{here.pk}/log-ud/")

    assert places(phone) == [("iPhone, Safari", True)]


def test_a_sitting_from_before_the_list_was_kept_stands_in_it(person, client):
    client.force_login(person)
    client.defaults["HTTP_USER_AGENT"] = EDGE

    assert places(client, at=datetime.now(UTC)) == [("Windows, Edge", True)]


def test_a_new_password_leaves_this_place_alone_in_the_list(person):
    signed_in(person, EDGE)
    phone = signed_in(person, IPHONE)
    words = {"oldpassword": PASSWORD, "password1": "tre nye ord til mig", "password2": "tre nye ord til mig"}
    with time_machine.travel(TUESDAY):
        phone.post("/konto/password/change/", words)

    assert places(phone) == [("iPhone, Safari", True)]


def test_the_day_is_noted_once_and_other_requests_cost_nothing(person):
    phone = signed_in(person, IPHONE)
    with time_machine.travel(TUESDAY):
        assert notes(phone) == 0  # it began today
    with time_machine.travel(WEDNESDAY, tick=False):
        assert [notes(phone), notes(phone), notes(phone)] == [1, 0, 0]

    assert UserSession.objects.get().last_seen_at == WEDNESDAY


def notes(browser):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert browser.get("/min-side/").status_code == 200
    return sum("usersessions" in query["sql"] for query in asked)


def test_what_has_run_out_is_forgotten(person):
    signed_in(person, EDGE)
    signed_in(person, IPHONE, at=datetime(2026, 11, 4, 9, tzinfo=UTC))
    later = datetime(2026, 11, 11, 9, tzinfo=UTC)  # fourteen days are over for one of them
    with time_machine.travel(later):
        reap_tick(later)

    assert [row.user_agent for row in UserSession.objects.all()] == ["iPhone, Safari"]
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "device"),
    [
        (IPHONE, "iPhone, Safari"),
        (EDGE, "Windows, Edge"),
        ("Mozilla/5.0 (Linux; Android 10; K) Chrome/142.0.0.0 Mobile Safari/537.36", "Android, Chrome"),
        ("Mozilla/5.0 (Linux; Android 14) SamsungBrowser/28.0 Chrome/130 Safari/537.36", "Android, Samsung Internet"),
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) CriOS/140.0 Mobile/15E148 Safari/604.1", "iPad, Chrome"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0", "Mac, Firefox"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/142.0.0.0 Safari/537.36", "ChromeOS, Chrome"),
        ("Android, Samsung Internet", "Android, Samsung Internet"),
        ("ChromeOS, Chrome", "ChromeOS, Chrome"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_device_is_said_in_two_words_and_its_own_words_stay(said, device):
    assert device_of(said) == device
