"""The whole, end to end: from a folder of lessons to a text that one peer may read, and HR who sees only a number."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from courseplatform.cohorts.models import Cohort
from courseplatform.outbox.models import Message
from courseplatform.people.models import RoleAssignment
from tests.browser.conftest import DESK, sign_in
from tests.browser.received_mail import text_of
from tests.factories import DEMO_FOLDER, CalendarPolicyFactory, RoleFactory, UnitFactory, UserFactory
from tests.outbox.incoming import Spool
from tests.outbox.incoming import mail as written

JUNE = datetime(2026, 6, 8, 8, tzinfo=UTC)
FIRST_MONDAY = datetime(2026, 8, 31, 4, 5, tzinfo=UTC)  # 06:05 in Copenhagen
SECOND_MONDAY = datetime(2026, 9, 7, 10, tzinfo=UTC)
ANSWERED_BY_MAIL = "Jeg nikkede og spurgte først bagefter."
SECRET = "Jeg lod som om jeg havde forstået, da leverandøren forklarede triagen."


@pytest.fixture(scope="module")
def fjordby(site):
    """The people, the calendar, and the programme as it lies in the folder."""
    CalendarPolicyFactory()
    unit = UnitFactory()
    people = [
        UserFactory(email=f"leder.{word}@fjordby.example", org_unit=unit) for word in ("hjem", "byg", "skole", "vej")
    ]
    hr = UserFactory(email="hr@fjordby.example", display_name="HR-konsulent")
    facilitator = UserFactory(email="facilitator@fjordby.example", display_name="Facilitator")
    RoleFactory(person=hr, kind=RoleAssignment.Kind.HR)
    RoleFactory(person=facilitator, kind=RoleAssignment.Kind.FACILITATOR)
    site.travel_to(JUNE)
    site.manage("load_programme", DEMO_FOLDER)
    return people


def press_the_one_button(page):
    """Each page has one primary button: what to do next."""
    page.locator("main .button-primary").click()
    page.wait_for_load_state()


def test_from_a_folder_to_a_text_that_one_peer_may_read(site, fjordby, mails, new_page):
    writer, peer, *_ = fjordby

    hr = new_page(size=DESK)
    hr.goto("/hold/nyt/")
    sign_in(hr, "hr@fjordby.example")
    cohort = set_up_a_cohort(hr, fjordby)
    assert mails.all == [], "setting up tells nobody"

    say_yes(new_page(person=writer))
    for enrolment in cohort.enrolments.exclude(person=writer):
        note_a_yes(hr, cohort, enrolment)
    site.travel_to(FIRST_MONDAY)
    site.manage("deliver")
    assert Cohort.objects.get().state == Cohort.State.RUNNING

    site.travel_to(SECOND_MONDAY)
    site.manage("deliver")
    prompt = Message.objects.filter(person=writer, kind=Message.Kind.PROMPT, state=Message.State.DUE).earliest("due_at")
    site.travel_to(prompt.due_at - timedelta(seconds=10), background=True)
    mail = wait_for_prompt(mails, writer, prompt)
    assert SECRET not in str(mail)

    phone = new_page()
    entry = answer(phone, link_in(mail, prompt), writer)
    assert "Kun du kan" in phone.locator("main").inner_text()

    peers = new_page(person=peer)
    assert_cannot_read(peers, entry)
    share_with(phone, entry, "group")
    peers.goto(entry)
    assert SECRET in peers.locator("main").inner_text()
    share_with(phone, entry, "private")
    assert_cannot_read(peers, entry)

    reply_to(mail_to(peer, mails), peer, site)
    peers.goto("/logbog/")
    peers.locator(".entries a.entry-link").first.click()
    assert "Kun du kan læse dette" in peers.locator("main").inner_text()
    assert peers.locator("main p.entry").all_inner_texts() == [ANSWERED_BY_MAIL]
    assert_cannot_read(phone, peers.url, ANSWERED_BY_MAIL)

    assert_hr_sees_counts_only(new_page(size=DESK, person=cohort.owner_hr), cohort, entry)
    assert all(words not in str(mail) for mail in mails.all for words in (SECRET, ANSWERED_BY_MAIL))


def set_up_a_cohort(page, people):
    page.locator("input[name=starts_on]").fill("2026-08-31")
    page.locator("input[name=name]").fill("Digital ledelse, efterår 2026")
    page.locator("input[name=capacity_min]").fill("4")
    page.locator("label").filter(has_text=re.compile("^\\s*Facilitator\\s*$")).click()
    press_the_one_button(page)

    page.locator("[name=place_for_all]").fill("Rådhuset, sal 2")
    press_the_one_button(page)

    page.locator("textarea[name=text]").fill("e-mail\n" + "\n".join(person.email for person in people))
    page.locator("form[action$='/liste/'] button").click()
    press_the_one_button(page)
    press_the_one_button(page)  # on to the groups

    press_the_one_button(page)  # propose them
    press_the_one_button(page)  # on to the messages
    press_the_one_button(page)  # on to opening
    press_the_one_button(page)  # open
    cohort = Cohort.objects.get()
    assert cohort.state == Cohort.State.ENROLLING
    return cohort


def say_yes(page):
    page.goto("/")
    press_the_one_button(page)


def note_a_yes(page, cohort, enrolment):
    """HR writes down what was said on the telephone."""
    page.goto(f"/hold/{cohort.pk}/leder/{enrolment.pk}/")
    page.locator("button[name=answer][value=yes]").click()
    page.wait_for_load_state()


def wait_for_prompt(mails, person, prompt):
    def arrived():
        return [mail for mail in mails.to(person.email) if str(prompt.pk) in text_of(mail)]

    mails.wait_until(arrived)
    return arrived()[-1]


def mail_to(person, mails):
    """Their own mail with that question."""
    return wait_for_prompt(mails, person, Message.objects.filter(person=person, kind="prompt").earliest("due_at"))


def reply_to(mail, person, site):
    """As a phone's mail program does it: the mail quoted below, and a signature."""
    quoted = "".join(f"> {line}\n" for line in text_of(mail).splitlines())
    words = f"{ANSWERED_BY_MAIL}\n\n-- \nSendt fra min telefon\n\nDen 8. sep. skrev Fjordby:\n{quoted}"
    Spool(site.inbox).put(written(mail["Reply-To"], words, sender=person.email))
    site.manage("deliver")


def link_in(mail, prompt):
    """To that question; others may be due on the same day and come in the same mail."""
    return re.search(rf"http://127\.0\.0\.1:\d+/besked/{prompt.pk}/", text_of(mail))[0]


def answer(page, link, person):
    """Opens the mail's link on the phone, signs in, writes and presses the button. The entry's address."""
    page.goto(link)
    sign_in(page, person.email)
    page.locator("main textarea").first.fill(SECRET)
    press_the_one_button(page)
    page.wait_for_url(lambda url: "/skriv/" not in url)
    page.goto("/logbog/")
    page.locator(".entries a.entry-link").first.click()
    page.wait_for_url(re.compile(r"/logbog/[0-9a-f-]{36}/"))
    return page.url


def share_with(page, entry, visibility):
    page.goto(entry)
    page.locator(f"input[name=visibility][value={visibility}]").check()
    page.locator("form[action$='/del/'] button").click()
    page.wait_for_load_state()


def assert_cannot_read(page, entry, words=SECRET):
    page.goto("/gruppe/")
    assert words[:20] not in page.content()
    page.goto(entry)
    assert words[:20] not in page.content()


def assert_hr_sees_counts_only(page, cohort, entry):
    for address in ("/hold/", f"/hold/{cohort.pk}/", f"/hold/{cohort.pk}/beskeder/", entry):
        page.goto(address)
        assert SECRET[:20] not in page.content()
