"""A reply to a question by e-mail: private in its author's log, once, and never over what stands there."""

import email
from datetime import timedelta
from email import policy

import pytest
import time_machine
from django.core import mail as mailbox
from django.urls import reverse

from courseplatform.insights.ledger.reading import shown
from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections import answers_by_mail, entries, writing
from courseplatform.outbox.inbox import reading as inbox
from courseplatform.outbox.models import IncomingMail, Message
from courseplatform.outbox.reading.answering import answer
from courseplatform.outbox.writing.composing import compose, in_bytes
from courseplatform.people.refusals import Refusal
from tests.factories import MessageFactory
from tests.journal.conftest import NOW, SECRET
from tests.outbox.incoming import Spool, mail

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def spool(settings, tmp_path):
    settings.INBOX_URL, settings.ANSWERS_BY_MAIL = (tmp_path / "inbox").as_uri(), True
    return Spool(tmp_path / "inbox")


def reply_to(message, text=SECRET, **headers):
    """What somebody's program writes when they press Reply on the mail that we sent."""
    sent = email.message_from_bytes(in_bytes(compose(message, [], NOW)), policy=policy.default)
    quoted = "\n".join(f"> {line}" for line in sent.get_body(("plain",)).get_content().splitlines())
    whole = f"{text}\n\nDen tirs. 27. okt. 2026 kl. 08.31 skrev {sent['From']}:\n\n{quoted}"
    headers.setdefault("sender", message.person.email)
    return mail(str(sent["Reply-To"]), whole, **headers)


def texts():
    return [entries.fields_of(one) for one in Reflection.objects.order_by("created_at")]


def test_from_the_mail_to_a_private_entry_that_answers_the_question(spool, message, signed_in, peer):
    follow_up = MessageFactory(
        enrolment=message.enrolment, occurrence_key=message.occurrence_key.removesuffix(":0") + ":1", is_follow_up=True
    )
    spool.put(reply_to(message))

    assert inbox.read(LATER) == {"kept": 1}

    entry = Reflection.objects.get()
    assert (entry.state, entry.visibility, entry.author, entry.message) == ("saved", "private", message.person, message)
    assert entries.fields_of(entry) == {"text": SECRET}
    assert (message_now(message).answered_at, message_now(follow_up).state) == (LATER, "suppressed")
    page = reverse("reflection", args=[entry.pk])
    assert signed_in(peer.person).get(page).status_code == 404
    assert SECRET in signed_in(message.person).get(page).content.decode()


def message_now(message):
    return Message.objects.get(pk=message.pk)


def test_its_words_are_sealed_and_stand_in_no_mail_row_or_log(spool, message, caplog):
    spool.put(reply_to(message))
    inbox.read(LATER)

    assert SECRET.encode() not in bytes(Reflection.objects.get().sealed)
    assert SECRET not in str(list(IncomingMail.objects.values())) + caplog.text
    assert mailbox.outbox == []
    assert spool.names() == []


def test_the_same_mail_twice_is_one_entry(spool, message):
    answer = reply_to(message)
    spool.put(answer, "1.eml")
    spool.put(answer, "2.eml")
    inbox.read(LATER)

    assert texts() == [{"text": SECRET}]


def test_beside_a_shared_answer_it_stands_alone_and_private(spool, message, written):
    shared = written("Det her må gruppen læse", "group", message=message)
    spool.put(reply_to(message, "Det her må de ikke læse"))
    inbox.read(LATER)

    shared.refresh_from_db()
    beside = Reflection.objects.exclude(pk=shared.pk).get()
    assert (entries.fields_of(shared)["text"], shared.visibility) == ("Det her må gruppen læse", "group")
    assert (entries.fields_of(beside)["text"], beside.visibility) == ("Det her må de ikke læse", "private")
    assert beside.prompt_key == message.template


def test_a_half_written_answer_stays_as_it_was(spool, message, author):
    half = writing.begin(author, message=message, pk=message.pk, prompt_key="", model_key="free", on=NOW.date())
    writing.keep_draft(half, {"text": "halvt"}, edition=0)
    spool.put(reply_to(message))
    inbox.read(LATER)

    assert entries.draft_of(Reflection.objects.get(pk=half.pk)) == {"text": "halvt"}
    assert texts() == [{"text": "halvt"}, {"text": SECRET}]
    assert message_now(message).answered_at == LATER


def test_a_second_answer_calls_off_no_later_question(spool, message, written):
    written(message=message)
    spool.put(reply_to(message, "og en ting mere"))
    inbox.read(LATER)

    assert not shown(message.enrolment.cohort, LATER).exclude(pk=message.pk).exists()
    assert Message.objects.get() == message


def test_a_stranger_who_has_the_address_writes_in_nobodys_log(spool, message, peer):
    spool.put(reply_to(message, sender=peer.person.email))

    assert inbox.read(LATER) == {"wrong_sender": 1}
    assert not Reflection.objects.exists()


@pytest.mark.parametrize("kind", ["reminder", "survey", "conversation", "event"])
def test_only_a_question_takes_an_answer(author, kind):
    with pytest.raises(Refusal):
        answers_by_mail.keep(MessageFactory(enrolment=author, kind=kind, state="sent"), SECRET, NOW)


def test_a_line_managers_mail_takes_none(author, peer):
    with pytest.raises(Refusal):
        answers_by_mail.keep(MessageFactory(enrolment=author, person=peer.person, state="sent"), SECRET, NOW)


def test_a_form_with_several_fields_is_answered_in_the_one_without_headings(author):
    message = MessageFactory(enrolment=author, template="p-w1-after", state="sent")
    answers_by_mail.keep(message, SECRET, NOW)

    assert (Reflection.objects.get().model_key, texts()) == ("free", [{"text": SECRET}])


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "men der var ingen tekst i det"), ("x" * 10_001, "men det var for langt"), ("x" * 1_100_000, "for stor")],
    ids=["empty", "too long", "too big"],
)
def test_whose_answer_could_not_be_kept_is_told_on_the_page_alone(spool, message, signed_in, peer, text, said):
    sent_before(message)
    spool.put(reply_to(message, text))
    inbox.read(LATER)

    pages = [reverse("home"), reverse("write", args=[message.pk])]
    with time_machine.travel(LATER, tick=False):
        told = [said in signed_in(message.person).get(page).content.decode() for page in pages]
        assert (told, mailbox.outbox) == ([True, True], [])
        assert said not in signed_in(peer.person).get(reverse("home")).content.decode()
        answer(message, LATER)
        assert said not in signed_in(message.person).get(reverse("home")).content.decode()


def test_what_somebody_else_may_have_sent_is_not_told(spool, message, signed_in):
    sent_before(message)
    for text, became in (("", "wrong_sender"), ("x" * 1_100_000, "too_big")):
        spool.put(reply_to(message, text, sender="en.anden@fjordby.example"))
        assert inbox.read(LATER) == {became: 1}
    with time_machine.travel(LATER, tick=False):
        assert "Dit svar på mail" not in signed_in(message.person).get(reverse("home")).content.decode()


def sent_before(message):
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=NOW, expires_at=NOW + timedelta(days=14))
