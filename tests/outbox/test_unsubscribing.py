"""One click in a mail program stops what the mail was; looking stops nothing (DELIVERY U1, RFC 8058)."""

import email
import re
from datetime import UTC, datetime, timedelta
from email import policy

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from courseplatform.outbox.inbox.tokens import unsubscribe_token
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.planner import plan
from courseplatform.outbox.reading.unsubscribing import WHAT_STOPS
from courseplatform.outbox.sending import admission
from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.sending.claiming import claim
from courseplatform.outbox.writing.composing import compose, in_bytes
from courseplatform.people.models import NotificationPreference
from tests.factories import CalendarPolicyFactory, EnrolmentFactory, MessageFactory, WorkshopFactory

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
DAYS_BEFORE = datetime(2026, 10, 22, 8, tzinfo=UTC)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}  # what RFC 8058 says a mail program posts


@pytest.fixture
def mail_program():
    """Brings no cookie and no token, and would be stopped by a missing one."""
    return Client(enforce_csrf_checks=True)


def way_out(message):
    """The address in the mail's own header."""
    mail = email.message_from_bytes(in_bytes(compose(message, [], TUESDAY)), policy=policy.default)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return mail["List-Unsubscribe"].strip(" <>").removeprefix(settings.SITE_URL)


def muted(message):
    preference = NotificationPreference.objects.filter(person=message.person).first()
    return preference.muted_classes if preference else []


def state_of(message):
    message.refresh_from_db()
    return message.state, message.reason


def test_one_click_stops_the_next_question_and_nothing_else(mail_program, mailoutbox):
    sent = MessageFactory(state="sent")
    due = MessageFactory(enrolment=sent.enrolment, template="p-c1-map")
    reminder = MessageFactory(
        enrolment=sent.enrolment, kind="reminder", template="p-w2-prepare",
        workshop=WorkshopFactory(cohort=sent.enrolment.cohort),
    )  # fmt: skip

    response = mail_program.post(way_out(sent), ONE_CLICK)
    send_due(TUESDAY)

    assert response.status_code == 200
    assert response.cookies == {}
    assert muted(sent) == ["prompt"]
    assert state_of(due) == ("suppressed", "muted")
    assert state_of(reminder) == ("sent", "")


def test_what_is_claimed_already_is_looked_at_again(mail_program, mailoutbox):
    message = MessageFactory()
    lease = claim(TUESDAY)

    mail_program.post(way_out(message), ONE_CLICK)

    assert admission.admit(lease, TUESDAY) == []
    assert state_of(message) == ("suppressed", "muted")


def test_what_is_sent_stays_sent(mail_program, mailoutbox):
    message = MessageFactory()
    send_due(TUESDAY)

    for _ in range(3):
        assert mail_program.post(way_out(message), ONE_CLICK).status_code == 200

    assert state_of(message) == ("sent", "")
    assert muted(message) == ["prompt"]
    assert NotificationPreference.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_stops_nothing(mail_program, method):
    message = MessageFactory()

    response = getattr(mail_program, method)(way_out(message))

    assert response.status_code == 200
    assert response.cookies == {}
    assert muted(message) == []
    assert NotificationPreference.objects.count() == 0


@pytest.mark.parametrize("change", [str.title, lambda token: token[:-1], lambda token: token[::-1], lambda token: "x"])
def test_a_forged_address_stops_nothing(mail_program, change):
    message = MessageFactory()
    forged = reverse("unsubscribe", args=[change(unsubscribe_token(message))])
    is_the_same = change is str.title  # the case of letters does not matter

    for call in (mail_program.get, mail_program.post):
        assert call(forged).status_code == (200 if is_the_same else 404)
    assert muted(message) == (["prompt"] if is_the_same else [])


def test_a_mail_of_two_kinds_stops_both(mail_program):
    lead = MessageFactory(state="sent")
    MessageFactory(enrolment=lead.enrolment, kind="survey", template="p-pre-survey", state="merged", merged_into=lead)

    mail_program.post(way_out(lead), ONE_CLICK)

    assert muted(lead) == ["prompt", "survey"]


def test_other_wishes_stay(mail_program):
    message = MessageFactory()
    NotificationPreference.objects.create(person=message.person, digest="weekly", muted_classes=["survey"])

    mail_program.post(way_out(message), ONE_CLICK)

    preference = NotificationPreference.objects.get()
    assert (preference.muted_classes, preference.digest) == (["prompt", "survey"], "weekly")


def test_it_can_be_undone_on_the_spot(mail_program):
    message = MessageFactory()
    mail_program.post(way_out(message), ONE_CLICK)

    mail_program.post(way_out(message), {"again": "1"})

    assert muted(message) == []


@pytest.mark.parametrize(("language", "words"), [("da", "spørgsmål til din egen praksis"), ("en", "questions about")])
def test_the_page_speaks_its_readers_language_and_names_nobody(mail_program, language, words):
    message = MessageFactory(enrolment__person__language=language, enrolment__person__display_name="Mette Lund")

    page = mail_program.get(way_out(message), headers={"accept-language": "en"}).content.decode()

    assert words in page
    assert f'<html lang="{language}">' in page
    assert "Mette" not in page
    assert message.person.email not in page


def test_what_cannot_be_muted_offers_no_way_out():
    workshop = WorkshopFactory(cohort=MessageFactory().enrolment.cohort)
    message = MessageFactory(kind="event", template="invitation", channel="calendar", workshop=workshop)

    mail = compose(message, [], TUESDAY)

    assert "List-Unsubscribe" not in mail.extra_headers
    assert "List-Unsubscribe-Post" not in mail.extra_headers


def test_an_event_change_reaches_somebody_who_has_stopped_everything(mail_program, mailoutbox):
    question = MessageFactory()
    kinds = [kind for kind, _label in Message.Kind.choices]
    NotificationPreference.objects.create(person=question.person, muted_classes=kinds)
    workshop = WorkshopFactory(cohort=question.enrolment.cohort)
    change = MessageFactory(
        enrolment=question.enrolment, kind="event", template="invitation", channel="calendar", workshop=workshop,
        expires_at=TUESDAY + timedelta(days=1),
    )  # fmt: skip

    send_due(TUESDAY)

    assert state_of(question) == ("suppressed", "muted")
    assert state_of(change) == ("sent", "")


# --- The switches on one's own page ----------------------------------------------------------------------------------
@pytest.fixture
def own_page(client):
    """Of somebody whose next question is planned."""
    enrolment = EnrolmentFactory()
    CalendarPolicyFactory(municipality=enrolment.cohort.municipality)
    plan(DAYS_BEFORE)
    client.message = Message.objects.filter(kind="prompt", state="due", due_at__gt=DAYS_BEFORE).earliest("due_at")
    client.force_login(enrolment.person)
    return client


def switch(browser, kind, to):
    return browser.post(reverse("mail-kind", args=[kind]), {"to": to})


def is_on(browser):
    """Each switch of the page, and how it stands."""
    page = browser.get(reverse("me")).content.decode()
    return {
        kind: state == "true"
        for state, kind in re.findall(r'aria-checked="(\w+)" aria-labelledby="switch-(\w+)"', page)
    }


def test_everything_has_a_switch_but_what_always_comes(own_page):
    assert is_on(own_page) == dict.fromkeys(["prompt", "reminder", "survey", "conversation"], True)
    assert {*WHAT_STOPS} == {*Message.Kind} - {Message.Kind.EVENT}
    assert switch(own_page, "event", "off").status_code == 404
    assert muted(own_page.message) == []


def test_a_switch_holds_for_what_is_planned_already_and_takes_it_back_too(own_page, mailoutbox):
    message = own_page.message
    for _ in range(2):
        switch(own_page, "prompt", "off")
    plan(DAYS_BEFORE)
    send_due(message.due_at)
    assert (state_of(message), mailoutbox, is_on(own_page)["prompt"]) == (("suppressed", "muted"), [], False)

    for _ in range(2):
        switch(own_page, "prompt", "on")
    plan(DAYS_BEFORE)
    assert (state_of(message), is_on(own_page)["prompt"]) == (("due", ""), True)


def test_a_switch_moves_only_its_own_kind_and_person(own_page):
    other = MessageFactory()
    switch(own_page, "survey", "off")

    assert muted(own_page.message) == ["survey"]
    assert muted(other) == []


def test_what_was_stopped_from_a_mail_can_be_had_again_on_ones_own_page(client, mail_program):
    sent = MessageFactory(kind="welcome", template="welcome", state="sent")
    client.force_login(sent.person)
    assert "welcome" not in is_on(client)
    mail_program.post(reverse("unsubscribe", args=[unsubscribe_token(sent)]), ONE_CLICK)

    assert is_on(client)["welcome"] is False
    switch(client, "welcome", "on")
    assert muted(sent) == []
