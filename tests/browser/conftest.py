"""A real browser on the real product. Every module has a database of its own and leaves nobody else's rows behind."""

import os
import shutil
from importlib import import_module

import pytest
from _processes import Children
from _serving import start_broker
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from playwright.sync_api import sync_playwright

from tests import database_clones
from tests.browser.received_mail import ReceivedMail
from tests.browser.running_site import RunningSite
from tests.factories import PASSWORD

BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
QUIET += ["--disable-quic", "--no-first-run"]
PHONE, DESK = (390, 844), (1280, 900)
# The page on screen gives up a network that hangs after a moment.
IMPATIENT = "AbortSignal.timeout = ((limit) => () => limit.call(AbortSignal, 300))(AbortSignal.timeout)"
PATIENT = "delete AbortSignal.timeout"  # and now it waits as long as the test does

# Playwright runs an event loop in this thread, and Django takes that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser():
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("there is no Chromium here")
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, *as_root])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def mails():
    received = ReceivedMail()
    received.start()
    yield received
    received.stop()


@pytest.fixture(scope="session")
def broker(tmp_path_factory):
    """The address of a Valkey, without a database number: the runner's, or one of our own."""
    if settings.REDIS_URL:
        yield settings.REDIS_URL.rpartition("/")[0]
        return
    children = Children(tmp_path_factory.mktemp("broker"))
    yield start_broker(children, children.folder).rpartition("/")[0]
    children.stop_all()


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker, tmp_path_factory, mails, broker):
    """The product on its own clone of the template. Not started: the module says at which moment, and with what."""
    children = Children(tmp_path_factory.mktemp("site"))
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
    with django_db_blocker.unblock(), database_clones.clone_of(database_clones.current.template):
        yield RunningSite(children, mail_url=mails.url, redis_url=f"{broker}/{number}")
        children.stop_all()


@pytest.fixture
def new_page(browser, site):
    """Opens windows: `new_page(size=PHONE, language="da", person=None)`. What a page complains of fails the test."""
    complaints, contexts = [], []

    def open_page(*, size=PHONE, language="da", person=None):
        context = open_context(browser, site, size=size, language=language)
        contexts.append(context)
        if person:
            context.add_cookies([session_cookie(person, site.url)])
        page = context.new_page()
        page.set_default_timeout(10_000)
        listen(page, complaints)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == [], site.children.last_words("web")


def open_context(browser, site, *, size=PHONE, language="da"):
    """Somebody's browser, with nobody signed in."""
    width, height = size
    return browser.new_context(
        viewport={"width": width, "height": height},
        base_url=site.url,
        locale=language,
        timezone_id="Europe/Copenhagen",
        service_workers="block",  # what one prepares for no network is fetched once in test_offline.py
    )


def listen(page, complaints):
    """Adds whatever the page complains of, from now on."""
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if is_complaint(said, page) else None)


def is_complaint(said, page):
    """An error in the console: a script, the content policy, a missing file. A page that says no may be meant."""
    is_meant = any(status in said.text for status in ("404", "409")) and said.location["url"] == page.url
    return said.type == "error" and not is_meant


@pytest.fixture
def phone(new_page):
    return new_page(size=PHONE)


@pytest.fixture
def desk(new_page):
    return new_page(size=DESK)


def session_cookie(person, url):
    """A sitting that has begun, without the sign-in form."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": url}


def sign_in(page, email, password=PASSWORD):
    """Through the form, as a person does."""
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(password)
    page.locator("form:has(#id_password) button").first.click()
