import email
import re
from datetime import UTC, datetime
from email import policy

import pytest
from django.conf import settings

from courseplatform.journal.models import Reflection
from courseplatform.outbox.inbox.tokens import reply_address
from courseplatform.outbox.writing.composing import compose
from tests.factories import EnrolmentFactory, MessageFactory, UserFactory, WorkshopFactory

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 7, 30, tzinfo=UTC)


def parsed(mail):
    return email.message_from_bytes(mail.message().as_bytes(), policy=policy.default)


def html_of(mail):
    return mail.alternatives[0][0]


def test_a_question_stands_in_text_and_html_with_one_way_to_answer():
    message = MessageFactory()

    mail = compose(message, [], TUESDAY)

    question = "Beskriv en tirsdag om tre år. Hvad er væk, som ingen savner – og hvad er der stadig?"
    link = f"{settings.SITE_URL}/besked/{message.pk}/"
    assert question in mail.body
    assert question in html_of(mail)
    assert html_of(mail).count(f'href="{link}"') == 1
    assert "Kun du kan læse svaret." in mail.body
    assert "Kun du kan læse svaret." in html_of(mail)
    assert "/min-side/" in mail.body


def test_headers_are_those_machines_and_people_rely_on():
    message = MessageFactory(enrolment__cohort__name="Digital ledelse, hold Ø")
    cohort = message.enrolment.cohort

    mail = parsed(compose(message, [], TUESDAY))

    assert mail["From"].addresses[0].display_name == "Digital ledelse, hold Ø"
    assert mail["From"].addresses[0].addr_spec == cohort.mailbox
    assert cohort.mailbox.endswith("@fjordby.example")
    assert mail["Reply-To"] == cohort.owner_hr.email
    assert mail["Message-ID"] == f"<m{message.pk.hex}.0@fjordby.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"].startswith("<hold-")
    assert mail["Date"].datetime == TUESDAY


def test_a_reply_to_a_question_goes_to_its_authors_log_where_there_is_a_mailbox_for_it(settings):
    settings.ANSWERS_BY_MAIL = True
    reminder, first, second = MessageFactory(kind="reminder"), MessageFactory(), MessageFactory()

    mail = compose(reminder, [first, second], TUESDAY)

    assert mail.reply_to == [reply_address(first)]
    assert mail.body.count("Du kan også svare på denne mail. Svaret bliver privat i din logbog.") == 1
    assert parsed(mail)["Reply-To"] == reply_address(first)


def test_without_one_no_mail_offers_it(settings):
    settings.ANSWERS_BY_MAIL = False
    message = MessageFactory()

    mail = compose(message, [], TUESDAY)

    assert mail.reply_to == [message.enrolment.cohort.owner_hr.email]
    assert "svare på denne mail" not in mail.body + html_of(mail)


def test_the_message_id_is_the_same_at_every_attempt():
    message = MessageFactory()

    first, second = (parsed(compose(message, [], TUESDAY))["Message-ID"] for _ in range(2))

    assert first == second


@pytest.mark.parametrize(
    ("language", "subject", "button"),
    [
        ("da", "Et spørgsmål til dig: Digital forestillingsevne", "Skriv dit svar"),
        ("en", "A question for you: Digital imagination", "Write your answer"),
    ],
)
def test_the_mail_speaks_its_readers_language(language, subject, button):
    mail = compose(MessageFactory(enrolment__person__language=language), [], TUESDAY)

    assert mail.subject == subject
    assert button in mail.body
    assert f'lang="{language}"' in html_of(mail)


def test_the_second_time_says_something_else():
    first = MessageFactory(template="p-w1-after")
    again = MessageFactory(enrolment=first.enrolment, template="p-w1-after", is_follow_up=True)

    mails = [compose(message, [], TUESDAY) for message in (first, again)]

    assert mails[0].subject != mails[1].subject
    assert "Vi spurgte også" in mails[1].body
    assert "Vi spurgte også" not in mails[0].body


def test_a_reminder_says_when_and_where():
    enrolment = EnrolmentFactory()
    message = MessageFactory(
        enrolment=enrolment, kind="reminder", template="p-w2-prepare", workshop=WorkshopFactory(cohort=enrolment.cohort)
    )

    mail = compose(message, [], TUESDAY)

    plain = mail.body.replace("\u00a0", " ")
    assert mail.subject.startswith("Onsdag den 28. oktober: ")
    assert "onsdag den 28. oktober" in plain
    assert "08.30–14.30" in plain
    assert "Rådhuset, sal 2" in plain


def test_a_sponsor_is_never_told_what_the_participant_is_asked_or_writes():
    enrolment = EnrolmentFactory(person__display_name="Mette Lund")
    own = MessageFactory(enrolment=enrolment, kind="conversation", template="p-sponsor-before")
    sponsors = MessageFactory(
        enrolment=enrolment, kind="conversation", template="p-sponsor-before.sponsor", person=UserFactory()
    )

    participant, sponsor = (compose(message, [], TUESDAY) for message in (own, sponsors))

    assert "hvad din leder vil gøre for at give plads til det" in participant.body
    assert "hvad din leder vil gøre for at give plads til det" not in sponsor.body
    assert "Mette Lund vil spørge dig:" in sponsor.body
    assert "Hvilken opgave må jeg afprøve noget på?" in sponsor.body
    assert "Mette" not in sponsor.subject


def test_a_welcome_gathers_what_its_reader_came_too_late_for():
    enrolment = EnrolmentFactory()
    welcome = MessageFactory(enrolment=enrolment, kind="welcome", template="welcome")
    for template in ("p-a1-decisions", "p-b1-question", "p-c1-map", "p-a2-tuesday"):
        MessageFactory(enrolment=enrolment, template=template, state="merged", merged_into=welcome)

    mail = compose(welcome, [], TUESDAY)

    assert mail.subject == "Velkommen på Digital ledelse i praksis, efterår 2026"
    assert mail.body.count("Skriv dit svar:") == 3


def test_a_name_cannot_become_markup():
    enrolment = EnrolmentFactory(person__display_name="<script>alert(1)</script>")
    message = MessageFactory(
        enrolment=enrolment, kind="conversation", template="p-sponsor-mid.sponsor", person=UserFactory()
    )

    assert "<script>" not in html_of(compose(message, [], TUESDAY))
    assert "&lt;script&gt;" in html_of(compose(message, [], TUESDAY))


def test_nothing_is_loaded_or_counted_when_a_mail_is_opened():
    html = html_of(compose(MessageFactory(), [], TUESDAY))
    addresses = re.findall(r"""(?:src|href|url\()\s*=?["'(]?\s*(https?://[^"')\s]+)""", html)

    assert "<img" not in html
    assert "@import" not in html
    assert addresses
    assert [address for address in addresses if not address.startswith(settings.SITE_URL)] == []


def test_what_somebody_wrote_is_in_no_mail():
    message = MessageFactory(state="sent")
    Reflection.objects.create(
        enrolment=message.enrolment,
        author=message.person,
        message=message,
        sealed=b"DET HEMMELIGE SVAR",
        occurred_on=TUESDAY.date(),
        visibility="cohort",
        state="saved",
    )

    mail = compose(message, [], TUESDAY)

    assert "HEMMELIGE" not in mail.message().as_string()
    assert "HEMMELIGE" not in html_of(mail)
