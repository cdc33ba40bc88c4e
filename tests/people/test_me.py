"""Min side: my own wishes, my own break, who has looked, and a way to end every session."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user
from django.test import Client

from courseplatform.outbox.models import Message
from courseplatform.outbox.reading.unsubscribing import stop_kind
from courseplatform.people.forms import PreferenceForm
from courseplatform.people.models import NotificationPreference
from courseplatform.people.privacy.audit import record
from tests.factories import EnrolmentFactory, RoleFactory, UserFactory

pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 10, 27, 9, tzinfo=UTC)


@pytest.fixture
def me():
    return UserFactory(display_name="Plejehjemsleder, Engholm")


@pytest.fixture
def browser(client, me):
    client.force_login(me)
    return client


def wishes(person):
    return NotificationPreference.objects.get(person=person)


def text_of(response):
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("chosen", ["06:30", "12:15", "21:00"])
def test_a_time_of_day_is_kept(browser, me, chosen):
    browser.post("/min-side/", {"rhythm": "off", "preferred_time": chosen})

    assert wishes(me).preferred_time == time.fromisoformat(chosen)


@pytest.mark.parametrize("chosen", ["06:29", "21:01", "00:00"])
def test_nobody_can_wish_for_mail_at_night(browser, me, chosen):
    response = browser.post("/min-side/", {"rhythm": "off", "preferred_time": chosen})

    assert "Vi sender intet mellem kl. 21.00 og 06.30." in response.content.decode()
    assert not NotificationPreference.objects.filter(person=me).exists()


def test_saving_a_time_takes_no_unsubscribe_back_that_came_at_that_moment(me):
    wishes = NotificationPreference.objects.create(person=me)
    form = PreferenceForm({"rhythm": "off", "preferred_time": "09:00"}, instance=wishes)
    assert form.is_valid()
    stop_kind(me, Message.Kind.PROMPT)
    form.save_for(wishes)

    kept = NotificationPreference.objects.get()
    assert (kept.preferred_time, kept.muted_classes) == (time(9), ["prompt"])


def test_one_mail_a_week_on_a_chosen_day_can_be_had_and_given_up(browser, me):
    browser.post("/min-side/", {"rhythm": "3", "preferred_time": ""})
    assert (wishes(me).digest, wishes(me).digest_day) == ("weekly", 3)
    assert '<option value="3" selected>Én mail om ugen, om torsdagen</option>' in text_of(browser.get("/min-side/"))

    browser.post("/min-side/", {"rhythm": "off", "preferred_time": ""})
    assert wishes(me).digest == "off"
    assert '<option value="off" selected>' in text_of(browser.get("/min-side/"))


@pytest.mark.parametrize("rhythm", ["5", "-1", "", "hver dag"])
def test_there_is_no_weekly_mail_at_weekends(browser, me, rhythm):
    assert browser.post("/min-side/", {"rhythm": rhythm}).status_code == 200
    assert not NotificationPreference.objects.filter(person=me).exists()


@time_machine.travel(TUESDAY)
@pytest.mark.parametrize(("weeks", "last_day"), [(1, "2026-11-02"), (8, "2026-12-21")])
def test_a_break_lasts_whole_weeks_from_today(browser, me, weeks, last_day):
    browser.post("/min-side/pause/", {"weeks": weeks})

    assert wishes(me).pause_until.isoformat() == last_day


@time_machine.travel(TUESDAY)
@pytest.mark.parametrize("weeks", ["0", "9", "-1", "mange", ""])
def test_a_break_is_one_to_eight_weeks(browser, me, weeks):
    response = browser.post("/min-side/pause/", {"weeks": weeks}, follow=True)

    assert "Vælg mellem en og otte uger." in response.content.decode()
    assert not NotificationPreference.objects.filter(pause_until__isnull=False).exists()


def test_a_break_shows_on_its_last_day_and_not_after(browser, me):
    NotificationPreference.objects.create(person=me, pause_until=date(2026, 11, 2))
    with time_machine.travel(datetime(2026, 11, 2, 22, tzinfo=UTC)):
        assert "til og med mandag den 2. november" in text_of(browser.get("/min-side/"))
    with time_machine.travel(datetime(2026, 11, 3, 6, tzinfo=UTC)):
        assert "Slut pausen" not in text_of(browser.get("/min-side/"))


def test_a_break_can_be_ended_again_and_again(browser, me):
    browser.post("/min-side/pause/", {"weeks": 3})
    browser.post("/min-side/pause/slut/")
    browser.post("/min-side/pause/slut/")

    assert (wishes(me).pause_from, wishes(me).pause_until) == (None, None)


def on(browser, day, path, **data):
    with time_machine.travel(datetime(2026, 10, day, 9, tzinfo=UTC)):
        browser.post(path, data)


def test_a_break_that_goes_on_keeps_its_first_day_and_one_that_ends_early_its_days(browser, me):
    on(browser, 5, "/min-side/pause/", weeks=1)
    on(browser, 9, "/min-side/pause/", weeks=2)
    assert (wishes(me).pause_from, wishes(me).pause_until) == (date(2026, 10, 5), date(2026, 10, 22))
    for _ in range(2):
        on(browser, 16, "/min-side/pause/slut/")
        assert (wishes(me).pause_from, wishes(me).pause_until) == (date(2026, 10, 5), date(2026, 10, 15))
    on(browser, 16, "/min-side/pause/", weeks=1)
    assert wishes(me).pause_from == date(2026, 10, 5)
    on(browser, 28, "/min-side/pause/", weeks=1)
    assert (wishes(me).pause_from, wishes(me).pause_until) == (date(2026, 10, 28), date(2026, 11, 3))


def test_i_see_who_has_looked_and_nobody_elses_lookers(browser, me):
    facilitator, other = UserFactory(display_name="Digitaliseringskonsulent"), UserFactory()
    record(facilitator, "read", me, about=me, purpose="Delt med facilitator", now=TUESDAY)
    record(me, "export", me, about=me, purpose="Egen kopi", now=TUESDAY)
    record(facilitator, "read", other, about=other, purpose="En andens", now=TUESDAY)
    text = text_of(browser.get("/min-side/"))

    assert "Digitaliseringskonsulent, tirsdag den 27. oktober" in text
    assert "Delt med facilitator" in text
    assert "Egen kopi" not in text
    assert "En andens" not in text


def test_min_side_says_each_reader_once_and_the_page_behind_it_each_day(browser, me):
    readers = [UserFactory(display_name=f"Facilitator {number}") for number in range(6)]
    for number, reader in enumerate(readers):
        record(reader, "read", me, about=me, purpose="Delt.", now=TUESDAY + timedelta(hours=number))
    record(readers[5], "read", me, about=me, purpose="Delt.", now=TUESDAY - timedelta(days=1))
    record(readers[5], "read", UserFactory(), about=UserFactory(), purpose="En andens.", now=TUESDAY)

    on_min_side, all_of_it = text_of(browser.get("/min-side/")), text_of(browser.get("/min-side/hvem-har-kigget/"))

    assert [on_min_side.count(str(reader)) for reader in readers] == [0, 1, 1, 1, 1, 1]
    assert "Delt. · 2 gange i alt" in on_min_side
    assert [all_of_it.count(str(reader)) for reader in readers] == [1, 1, 1, 1, 1, 2]
    assert "Facilitator 5, mandag den 26. oktober" in all_of_it
    assert "En andens." not in all_of_it


def test_my_roles_are_said_in_words(browser, me):
    EnrolmentFactory(person=me)
    RoleFactory(person=me, kind="facilitator")

    assert "Du er deltager og facilitator her." in text_of(browser.get("/min-side/"))


def test_signing_out_everywhere_ends_every_session_but_this_one(browser, me):
    phone, stranger = Client(), Client()
    phone.force_login(me)
    stranger.force_login(UserFactory())

    browser.post("/min-side/log-ud-overalt/")

    assert browser.get("/min-side/").status_code == 200
    assert phone.get("/min-side/").status_code == 302
    assert get_user(stranger).is_authenticated


def test_a_new_password_ends_every_other_session(browser, me):
    phone = Client()
    phone.force_login(me)
    me.set_password("fire helt andre ord")
    me.save()

    assert phone.get("/min-side/").status_code == 302


@pytest.mark.parametrize("looks", [0, 20])
def test_my_page_asks_the_database_seven_times(browser, me, looks, django_assert_num_queries):
    RoleFactory(person=me)
    for _ in range(looks):
        record(UserFactory(), "read", me, about=me, purpose="Delt", now=TUESDAY)

    with django_assert_num_queries(7):  # session, person, wishes, questions, stopped mails, lookers, menu
        browser.get("/min-side/")
