"""One click in a mail program stops what the mail was; looking stops nothing (DELIVERY U1, RFC 8058)."""

import email
from datetime import UTC, datetime, timedelta
from email import policy

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from courseplatform.outbox.inbox.tokens import unsubscribe_token
from courseplatform.outbox.models import Message
from courseplatform.outbox.sending import admission
from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.sending.claiming import claim
from courseplatform.outbox.writing.composing import compose, in_bytes
from courseplatform.people.models import NotificationPreference
from tests.factories import MessageFactory, WorkshopFactory

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
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


def test_ones_own_page_tells_what_is_stopped_and_takes_it_back(client, mail_program):
    sent = MessageFactory(kind="survey", template="p-pre-survey", state="sent")
    client.force_login(sent.person)
    assert "Du har stoppet" not in client.get(reverse("me")).content.decode()
    mail_program.post(way_out(sent), ONE_CLICK)

    page = client.get(reverse("me")).content.decode()
    assert "invitationer til at svare på spørgeskemaer" in page
    client.post(reverse("mails-again"))

    assert muted(sent) == []
    assert "Du har stoppet" not in client.get(reverse("me")).content.decode()
