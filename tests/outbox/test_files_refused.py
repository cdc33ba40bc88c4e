"""A file with an answer by e-mail is refused kindly: once, to the one who was asked, and HR is told nothing."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from django.urls import reverse

from courseplatform.outbox.inbox import reading as inbox
from courseplatform.outbox.inbox.arrived import opened
from courseplatform.outbox.inbox.tokens import reply_address
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.preview import preview
from courseplatform.outbox.sending.batches import send_due
from tests.factories import EnrolmentFactory, UserFactory
from tests.outbox.incoming import mail, sent

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
NIGHT = datetime(2026, 10, 27, 22, tzinfo=UTC)
WORDS, FILE = "Jeg talte for meget.", b"\x89PNG hemmelig tavle"
PICTURE = {"maintype": "image", "subtype": "png"}


def written(question, words=WORDS, **headers):
    message = EmailMessage()
    message["From"], message["To"] = question.person.email, reply_address(question)
    for name, value in headers.items():
        message[name] = value
    message.set_content(words)
    return message


def with_picture(question, words=WORDS, **headers):
    message = written(question, words, **headers)
    message.add_attachment(FILE, **PICTURE, filename="tavle.png")
    return bytes(message)


def lines():
    return Message.objects.filter(kind=Message.Kind.REPLY)


@pytest.fixture
def question(db):
    return sent(enrolment=EnrolmentFactory(person=UserFactory(email="leder@fjordby.example", language="da")))


def test_the_words_are_kept_and_one_kind_mail_says_that_the_file_is_not(spool, kept, question, mailoutbox, client):
    for name in ("1.eml", "2.eml"):
        spool.put(with_picture(question, f"{WORDS} {name}"), name)
    assert inbox.read(TUESDAY) == {"kept": 2}
    send_due(TUESDAY)

    [word] = mailoutbox
    assert (word.to, word.subject) == (["leder@fjordby.example"], "Om filen i dit svar")
    assert "Den er ikke gemt, kun det, du selv har skrevet." in word.body
    assert word.reply_to == [reply_address(question)]
    assert WORDS not in str(word.message())
    assert b"hemmelig" not in bytes(word.message())
    client.force_login(question.person)
    behind = client.get(reverse("message", args=[lines().get().pk]))
    assert behind.url == reverse("message", args=[question.pk])
    assert len(kept) == 2


def test_at_night_it_waits_for_the_morning(spool, kept, question, mailoutbox):
    spool.put(with_picture(question))
    inbox.read(NIGHT)
    send_due(NIGHT)
    assert mailoutbox == []

    send_due(NIGHT + timedelta(hours=10))
    assert len(mailoutbox) == 1


def test_one_that_is_too_big_to_be_read_is_told_so(spool, kept, question, mailoutbox, monkeypatch):
    monkeypatch.setattr(inbox, "BIGGEST", 100)
    spool.put(with_picture(question, ""))
    assert inbox.read(TUESDAY) == {"too_big": 1}
    send_due(TUESDAY)

    assert "Intet af det er gemt." in mailoutbox[0].body


@pytest.mark.parametrize("biggest", [100, 100_000])
def test_a_stranger_and_a_machine_are_told_nothing(spool, kept, question, monkeypatch, biggest):
    monkeypatch.setattr(inbox, "BIGGEST", biggest)
    spool.put(with_picture(question, **{"Auto-Submitted": "auto-replied"}), "1.eml")
    spool.put(with_picture(question).replace(b"leder@", b"en.anden@"), "2.eml")
    inbox.read(TUESDAY)

    assert (kept, lines().count()) == ([], 0)


def test_it_takes_no_questions_place_and_stands_in_no_preview(spool, kept, question):
    expected = list(preview(question.enrolment.cohort, TUESDAY))
    assert any(one.message_class == "prompt" and one.state == "planned" for one in expected)
    spool.put(with_picture(question))
    inbox.read(TUESDAY)
    send_due(TUESDAY)

    assert lines().get().state == Message.State.SENT
    assert list(preview(question.enrolment.cohort, TUESDAY)) == expected


def test_what_is_a_file_and_what_only_belongs_to_a_mail(question):
    telephones = written(question)
    telephones.add_attachment(FILE, **PICTURE, filename="IMG_1.png", disposition="inline")
    assert opened(bytes(telephones)).has_files

    signature = written(question)
    signature.add_alternative("<p>Hej</p><img src='cid:logo'>", subtype="html")
    signature.get_payload()[1].add_related(FILE, **PICTURE, cid="<logo>", disposition="inline", filename="image001.png")
    seal, invitation = written(question), written(question)
    seal.add_attachment(b"0", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    invitation.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="invite.ics")
    bare = opened(mail(reply_address(question), WORDS))
    assert not any(one.has_files for one in (*(opened(bytes(one)) for one in (signature, seal, invitation)), bare))
