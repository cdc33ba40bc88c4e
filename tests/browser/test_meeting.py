"""Journey (c): a group of five runs its meeting on one phone on the table, also where the network comes and goes."""

from datetime import timedelta

import pytest
from _processes import wait_until

from courseplatform.cohorts.models import Attendance, GroupMeeting, GroupMembership
from courseplatform.journal.groups import meeting_texts
from courseplatform.journal.models import Commitment, MeetingRun, MeetingTurn, Reflection
from courseplatform.journal.reflections import entries
from tests.browser.accessibility import assert_fits, assert_no_axe_violations
from tests.browser.conftest import IMPATIENT, PATIENT, session_cookie
from tests.journal.at_the_table import PROMISE, STARTS, Table

GO = ".go .button-primary"
LINE = "Det var stille, og det hjalp."
ASIDE = "På den anden telefon, og aldrig trykket."
UNPRESSED = "Det vigtigste i dag: vi turde være stille."


@pytest.fixture(scope="module")
def table(site):
    table = Table()
    table.promise(meeting=table.first, now=STARTS - timedelta(weeks=7))
    site.travel_to(STARTS + timedelta(minutes=1))
    return table


def heading(page, words):
    page.locator("h1", has_text=words).wait_for()


def note(page, words):
    page.get_by_text("Skriv en note").click()
    page.get_by_label("En linje, gruppen vil gemme").fill(words)
    page.get_by_role("button", name="Gem").last.click()


def on_the_server():
    return MeetingRun.objects.values_list("step", "edition").get()


def cut(page):
    page.route("**/tryk/", lambda route: route.abort())


def hang(page):
    """Bars on the phone, and no answer; what takes ten seconds to give up takes a moment here."""
    page.evaluate(IMPATIENT)
    page.route("**/tryk/", lambda route: None)


def mend(page):
    page.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")


def test_a_group_of_five_runs_its_meeting_on_one_phone(new_page, table):
    phone = new_page(person=table.members[0].person)
    phone.goto("/gruppe/")
    phone.get_by_role("link", name="Gå til mødet").click()
    phone.get_by_role("button", name="Begynd mødet").click()

    heading(phone, "Runde")
    assert PROMISE in phone.locator(".told").inner_text()
    assert_fits(phone)
    assert_no_axe_violations(phone)
    phone.get_by_role("button", name="Det skete", exact=True).click()
    phone.locator("button[aria-pressed=true]").wait_for()
    assert Commitment.objects.get().outcome == "kept"

    other = new_page(person=table.members[1].person)
    other.goto(phone.url)
    phone.locator(GO).dblclick()
    heading(phone, "Fremlæggelse")
    assert on_the_server() == (1, 1)
    other.locator(GO).click()  # still on the round: told, and shown where the meeting is
    other.get_by_text("Mødet var allerede gået videre.").wait_for()
    heading(other, "Fremlæggelse")
    other.get_by_text("Skriv en note").click()
    other.get_by_label("En linje").fill(ASIDE)

    phone.locator(GO).click()
    heading(phone, "Kun spørgsmål")
    phone.reload()
    heading(phone, "Kun spørgsmål")
    phone.locator(".left").filter(has_text="24:").wait_for()  # the clock on the table runs

    phone.locator(GO).click()
    heading(phone, "Fælles undren")
    phone.locator(GO).click()
    presenter = MeetingTurn.objects.get(number=1).presenter
    promise = phone.locator(f"#commitment-{presenter.pk}")
    promise.fill("Jeg ringer til boligselskabet.")
    note(phone, LINE)
    phone.locator(".said").get_by_text(LINE).wait_for()
    assert promise.input_value() == "Jeg ringer til boligselskabet."  # nothing else was pressed
    phone.locator(GO).click()
    heading(phone, "Fremlæggelse")
    phone.get_by_text(f"Hvad vil {presenter.person.display_name} gøre, inden vi mødes igen?").wait_for()
    assert promise.input_value() == "Jeg ringer til boligselskabet."
    phone.get_by_role("button", name="Gem").first.click()
    phone.locator(".said").get_by_text("Jeg ringer til boligselskabet.").wait_for()
    phone.get_by_role("status").get_by_text("Gemt.").wait_for(state="attached")
    assert promise.is_hidden()

    MeetingRun.objects.update(step=14, edition=50)  # the rest of the turns go the same way
    phone.reload()
    heading(phone, "Procesblik")
    phone.get_by_text("Skriv en note").click()
    phone.get_by_label("En linje").fill(UNPRESSED)
    phone.get_by_role("checkbox", name="Teamleder, Jobcenter").uncheck()
    phone.get_by_role("button", name="Slut mødet").click()
    phone.get_by_text("Mødet er holdt.").wait_for()
    phone.locator(".said").get_by_text(UNPRESSED).wait_for()
    promised = Commitment.objects.get(meeting=table.meeting)
    assert (promised.enrolment, meeting_texts.text_of(promised)) == (presenter, "Jeg ringer til boligselskabet.")
    assert Attendance.objects.filter(meeting=table.meeting, outcome="attended").count() == 4
    other.reload()
    own = Reflection.objects.by(table.members[1].person)
    assert wait_until(lambda: own.exists() and entries.draft_of(own.get()) == {"text": ASIDE}, seconds=5)
    other.get_by_text("Sendt og gemt.").wait_for()


@pytest.fixture
def second(table):
    """The group's next meeting, and it is on."""
    MeetingRun.objects.all().delete()
    GroupMeeting.objects.filter(key="g3").delete()
    meeting = table.meeting_at("g3", STARTS)
    table.begin(meeting=meeting, now=STARTS + timedelta(minutes=1))
    return meeting


@pytest.fixture
def phone(browser, site, table):
    """A window in which requests may fail: that is what the test is about."""
    size = {"width": 390, "height": 844}
    context = browser.new_context(viewport=size, base_url=site.url, locale="da", timezone_id="Europe/Copenhagen")
    context.add_cookies([session_cookie(table.members[0].person, site.url)])
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


def test_whose_place_in_the_group_ends_at_the_table_has_the_line_in_the_log(phone, second, table):
    phone.goto(f"/gruppe/moede/{second.pk}/")
    phone.get_by_text("Skriv en note").click()
    phone.get_by_label("En linje, gruppen vil gemme").fill(LINE)
    seat = GroupMembership.objects.get(enrolment=table.members[0])
    GroupMembership.objects.filter(pk=seat.pk).update(left_at=STARTS)
    phone.get_by_role("button", name="Gem").last.click()
    heading(phone, "Du kan ikke skrive her")
    assert LINE in phone.locator("main").inner_text()
    GroupMembership.objects.filter(pk=seat.pk).update(left_at=None)

    phone.goto("/")
    own = Reflection.objects.by(table.members[0].person)
    assert wait_until(lambda: own.exists() and entries.draft_of(own.get()) == {"text": LINE}, seconds=5)
    assert second.meetingnotes.count() == 0


def test_what_is_tapped_without_a_network_is_kept_here_and_sent_when_it_is_back(phone, second, table, site):
    first, other = MeetingTurn.objects.filter(number__lt=3).order_by("number")
    phone.goto(f"/gruppe/moede/{second.pk}/")
    hang(phone)
    phone.locator(GO).click()
    heading(phone, "Fremlæggelse")
    phone.evaluate(PATIENT)
    phone.unroute_all()
    cut(phone)
    for words in ("Kun spørgsmål", "Fælles undren", "Aftale"):
        phone.locator(GO).click()
        heading(phone, words)
    phone.get_by_text("Ingen forbindelse.").wait_for()
    assert phone.get_by_role("button", name="Hold pause").is_disabled()
    assert phone.get_by_text(f"Hvad vil {first.presenter.person.display_name} gøre").is_visible()
    for words in ("Fremlæggelse", "Kun spørgsmål", "Fælles undren", "Aftale"):
        phone.locator(GO).click()
        heading(phone, words)
    assert "Tur 2 af 3" in phone.locator(".step-turn").inner_text()
    assert other.presenter.person.display_name in phone.locator(".presenter").inner_text()
    promise = phone.locator(".promise textarea:visible")  # of whose turn it is, and nobody else's
    promise.fill("Jeg ringer til lønkontoret.")
    phone.get_by_role("button", name="Gem").first.click()
    note(phone, LINE)
    assert on_the_server() == (0, 0)

    mend(phone)

    assert wait_until(lambda: on_the_server() == (8, 8), seconds=10)
    assert wait_until(lambda: second.meetingnotes.count() == 1, seconds=5)
    assert Commitment.objects.get(meeting=second).enrolment == other.presenter
    heading(phone, "Aftale")
    phone.locator(".offline").wait_for(state="hidden")
    assert phone.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('meeting:'))") == []

    note(phone, "Ring 010170-1234")
    phone.locator(".table > .alert-error").wait_for()
    phone.locator(GO).click()
    heading(phone, "Pause")
    assert phone.get_by_label("En linje, gruppen vil gemme").input_value() == "Ring 010170-1234"

    phone.context.clear_cookies()  # the sitting has ended by itself
    phone.get_by_label("En linje, gruppen vil gemme").fill(UNPRESSED)
    phone.get_by_role("button", name="Gem").last.click()
    phone.locator(".signed-out").wait_for()
    phone.context.add_cookies([session_cookie(table.members[1].person, site.url)])
    phone.goto(phone.url)
    phone.locator(".said").get_by_text(UNPRESSED).wait_for(state="attached")
    kept = second.meetingnotes.get(created_by=table.members[1].person)
    assert kept.author == table.members[0].person
