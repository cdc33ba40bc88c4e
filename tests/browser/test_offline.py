"""Without network one writes on, it is sent once when there is one, and no cache keeps anybody's words."""

from datetime import timedelta

import pytest
from _processes import wait_until
from django.utils import timezone

from courseplatform.journal.experiments.sealed_texts import texts_of
from courseplatform.journal.groups import peer_questions
from courseplatform.journal.groups.agreements import open_proposal
from courseplatform.journal.models import Insight, PeerQuestion, Reflection
from courseplatform.journal.offline import addresses
from courseplatform.journal.reflections import entries, writing
from courseplatform.outbox.writing.composing import compose
from tests.browser.accessibility import assert_fits, assert_no_axe_violations
from tests.browser.conftest import DESK, PHONE, session_cookie
from tests.doors import DOORS, World, address
from tests.factories import MessageFactory

TEXT = "Nattevagten havde selv rettet i udkastet."
SHARED = "Det her må min gruppe læse, men ingen telefon gemme."
WAITING = "Gemt på telefonen, sendes når du er på nettet."
CACHED = """caches.keys().then((names) => Promise.all(names.map(async (name) => {
  const cache = await caches.open(name);
  const text = async (url) => (await cache.match(url, { ignoreVary: true })).text();
  return Promise.all((await cache.keys()).map(async ({ url }) => [url, await text(url)]));
}))).then((all) => all.flat())"""


@pytest.fixture(scope="module")
def world(site):
    site.start()
    world = World()
    writing.save(world.reflection, {"text": SHARED}, edition=0, now=timezone.now(), visibility="group")
    return world


@pytest.fixture
def message(world):
    """A question of its own for each test."""
    now = timezone.now()
    return MessageFactory(enrolment=world.enrolment, state="sent", sent_at=now, expires_at=now + timedelta(days=14))


@pytest.fixture
def open_phone(browser, site, world):
    """A phone that may keep what it needs without network; `open_phone("peer")`. Its worker is ready."""
    complaints, contexts = [], []

    def open_page(role="owner", size=PHONE):
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, base_url=site.url, locale="da")
        contexts.append(context)
        context.add_cookies([session_cookie(getattr(world, role), site.url)])
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/")
        page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == [], site.children.last_words("web")


def cut(page):
    page.context.set_offline(True)


def mend(page):
    page.context.set_offline(False)


def entry_of(message):
    return Reflection.objects.filter(message=message).first()


def test_from_the_mail_to_a_saved_entry_with_the_network_cut_in_the_middle(open_phone, message):
    phone = open_phone()
    link = compose(message, [], timezone.now()).body.split("/besked/")[1].split()[0]
    phone.goto(f"/besked/{link}")
    phone.wait_for_url("**/skriv/**")
    phone.locator("textarea").press_sequentially(TEXT[:20])

    cut(phone)
    phone.locator("textarea").press_sequentially(TEXT[20:])
    phone.locator("button.button-primary").click()
    phone.get_by_text(WAITING).first.wait_for()
    assert_fits(phone)
    reopened = phone.context.new_page()
    phone.close()  # the tab is closed while there is no network
    reopened.goto(f"/skriv/{message.pk}/")
    reopened.get_by_role("heading", name="Hvad vil du holde fast i?").wait_for()

    mend(reopened)  # the page or the worker sends it; either way the page moves on by itself
    assert wait_until(lambda: (entry := entry_of(message)) and entry.state == "saved", seconds=20)
    reopened.get_by_role("heading", name="Hvad vil du holde fast i?").wait_for(state="detached")
    entry = entry_of(message)
    message.refresh_from_db()
    assert (entries.fields_of(entry), entry.visibility) == ({"text": TEXT}, "private")
    assert message.answered_at is not None
    assert entry.revisions.count() == 0


def test_a_note_from_the_home_screen_without_network_is_sent_once(open_phone, world):
    phone = open_phone()
    before = set(Reflection.objects.by(world.owner))
    cut(phone)
    phone.goto("/gruppe/")
    assert_no_axe_violations(phone)
    assert_fits(phone)
    phone.get_by_role("link", name="Skriv").click()
    phone.locator("textarea").press_sequentially(TEXT)
    assert_no_axe_violations(phone)
    assert_no_axe_violations(phone, scheme="dark")
    phone.locator("button.button-primary").click()
    phone.get_by_text(WAITING).first.wait_for()
    assert set(Reflection.objects.by(world.owner)) == before

    mend(phone)  # the page is open: it notices by itself
    phone.wait_for_url("**/logbog/*/")
    assert TEXT in phone.locator("main").inner_text()
    phone.goto("/")
    assert phone.evaluate("keptTexts.all()") == []
    fresh = set(Reflection.objects.by(world.owner)) - before
    assert [entries.fields_of(one)["text"] for one in fresh] == [TEXT]


def write_without_network(phone, address, text):
    """Types in the last field and presses while there is none."""
    phone.goto(address)
    cut(phone)
    phone.locator(".kept-form textarea").last.press_sequentially(text)
    phone.locator(".kept-form .button-primary").click()
    phone.get_by_text(WAITING).first.wait_for()


def test_what_was_seen_learned_and_answered_without_network_arrives_once(open_phone, world):
    phone, experiment = open_phone(), world.experiment
    write_without_network(phone, f"/proevehandling/{experiment.pk}/set/", TEXT)
    mend(phone)
    phone.wait_for_url(f"**/proevehandling/{experiment.pk}/")
    assert [texts_of(one)["text"] for one in experiment.observations.exclude(pk=world.observation.pk)] == [TEXT]

    write_without_network(phone, f"/proevehandling/{world.tried.pk}/laeringspunkt/", TEXT)
    mend(phone)
    phone.wait_for_url("**/laeringspunkter/*/")
    learned = Insight.objects.get(experiment=world.tried)
    assert (texts_of(learned)["now"], learned.visibility) == (TEXT, "private")

    place = f"/gruppe/spoergsmaal/{world.asked.pk}/svar/"
    phone.goto(place)
    phone.locator("textarea").press_sequentially(TEXT)
    phone.get_by_text("Gemt på telefonen, til du sender det.").wait_for()
    phone.goto("/")  # it is not sent by anybody before its button is pressed
    phone.goto(place)
    assert phone.locator("textarea").input_value() == TEXT
    assert PeerQuestion.objects.get(pk=world.asked.pk).answered_at is None
    write_without_network(phone, place, "")
    mend(phone)
    phone.wait_for_url("**/proevehandling/?hold=*")
    assert peer_questions.answer_to(PeerQuestion.objects.get(pk=world.asked.pk), world.owner) == TEXT

    write_without_network(phone, f"/gruppe/{world.group.pk}/kontrakt/", TEXT)
    mend(phone)
    assert wait_until(lambda: open_proposal(world.group), seconds=10)
    phone.get_by_text("Det gælder, når alle har sagt ja.").wait_for()
    assert open_proposal(world.group).text == TEXT
    assert phone.evaluate("keptTexts.all()") == []


def test_a_question_waits_for_network_with_its_page_closed_and_one_that_is_not_sent_is_a_note(open_phone, world):
    phone, place = open_phone("peer"), f"/logbog/{world.reflection.pk}/"
    asked = "Hvad så du selv?"
    write_without_network(phone, place, asked)
    reopened = phone.context.new_page()
    phone.close()
    mend(reopened)
    reopened.goto("/")
    own = PeerQuestion.objects.by(world.peer).filter(reflection=world.reflection)
    assert wait_until(lambda: own.exists(), seconds=10)
    assert [peer_questions.words_of(one) for one in own] == [asked]

    reopened.goto(place)
    reopened.locator(".kept-form textarea").press_sequentially("Og hvem")
    reopened.get_by_text("Gemt på telefonen, til du sender det.").wait_for()
    reopened.locator("form[action$='/logout/'] button").click()
    reopened.wait_for_url("**/konto/**")
    [note] = Reflection.objects.by(world.peer)
    assert (entries.draft_of(note)["text"], note.state, note.visibility) == ("Og hvem", "draft", "private")
    assert own.count() == 1


def test_with_every_page_closed_the_worker_sends_it(open_phone, message, site):
    phone = open_phone()
    phone.goto(f"/skriv/{message.pk}/")
    cut(phone)
    phone.locator("textarea").press_sequentially(TEXT)
    phone.locator("button.button-primary").click()
    phone.get_by_text(WAITING).first.wait_for()
    empty = phone.context.new_page()
    phone.close()
    assert entry_of(message) is None

    mend(empty)
    ring_the_worker(empty, site.url)
    assert wait_until(lambda: (entry := entry_of(message)) and entry.state == "saved", seconds=10)
    assert entries.fields_of(entry_of(message)) == {"text": TEXT}


def ring_the_worker(page, origin):
    """As the browser does by itself when there is network again (Background Sync)."""
    session, seen = page.context.new_cdp_session(page), []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: seen.extend(told["registrations"]))
    session.send("ServiceWorker.enable")
    page.wait_for_timeout(200)
    (registration,) = {one["registrationId"] for one in seen if one["scopeURL"] == f"{origin}/"}
    call = {"origin": origin, "registrationId": registration, "tag": "texts", "lastChance": False}
    session.send("ServiceWorker.dispatchSyncEvent", call)


def test_what_the_browser_keeps_is_a_short_list_without_anybodys_words(open_phone, world, site):
    phone = open_phone("peer")
    for name, door in DOORS.items():
        if "peer" in door.opens_for and not door.changes and not name.startswith(("workshop-calendar", "demo")):
            phone.request.get(address(name, door, world))
    for place in ("/gruppe/", f"/logbog/{world.reflection.pk}/", "/skriv/", "/logbog/"):
        phone.goto(place)
    phone.goto(f"/logbog/{world.reflection.pk}/")
    assert SHARED in phone.locator("main").inner_text()

    kept = phone.evaluate(CACHED)
    assert sorted(url for url, _text in kept) == sorted(f"{site.url}{place}" for place in addresses())
    whole = "".join(text for _url, text in kept)
    for word in (SHARED, world.peer.email, world.peer.display_name, str(world.peer.pk), 'name="csrf'):
        assert word not in whole


def test_without_network_nobody_is_signed_out_and_nothing_is_cleared(open_phone):
    phone = open_phone()
    before = len(phone.evaluate(CACHED))
    cut(phone)
    phone.locator("form[action$='/logout/'] button").click()
    phone.get_by_role("heading", name="Der er ikke noget net lige nu").wait_for()

    assert len(phone.evaluate(CACHED)) == before > 0


def test_signing_out_takes_everything_away(open_phone, world):
    phone = open_phone("other_group", size=DESK)
    phone.goto("/skriv/")
    phone.evaluate("localStorage.setItem('meeting:somebody-else:/gruppe/moede/1/:texts', '[]')")
    phone.goto("/")
    # What others left is gone as soon as the server has said that it is not this person's group's.
    assert wait_until(lambda: phone.evaluate("Object.keys(localStorage)") == ["person"], seconds=5)
    phone.locator("form[action$='/logout/'] button").click()
    phone.wait_for_url("**/konto/**")

    assert phone.evaluate(CACHED) == []
    assert phone.evaluate("localStorage.length") == 0
    assert phone.evaluate("indexedDB.databases().then((all) => all.length)") == 0
    cut(phone)
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        phone.goto("/skriv/")
