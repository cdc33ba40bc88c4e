"""Who writes to a message's reply address is heard once it is certain who they are, and in their own words only."""

import base64
from datetime import UTC, datetime
from time import monotonic

import pytest

from courseplatform.outbox.inbox import answers_by_mail
from courseplatform.outbox.inbox.arrived import opened
from courseplatform.outbox.inbox.own_words import LONGEST, own_words
from courseplatform.outbox.inbox.tokens import envelope_sender, reply_address
from courseplatform.outbox.models import IncomingMail, Message
from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal
from tests.outbox.incoming import mail, sent

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
WORDS = "Jeg talte for meget.\n\nNæste gang tæller jeg til ti."


@pytest.fixture
def kept(monkeypatch):
    """What the room that keeps answers was handed."""
    found = []
    monkeypatch.setattr(answers_by_mail, "_keepers", [])
    answers_by_mail.kept_by(lambda message, text, now: found.append((message, text, now)))
    return found


def told(raw):
    found = answers_by_mail.read(opened(raw), TUESDAY)
    assert found is None or found.kind == IncomingMail.Kind.ANSWER
    return found and found.word


def answer(message, text=WORDS, **headers):
    sender = headers.pop("sender", message.person.email)
    return mail(reply_address(message), text, sender=sender, **headers)


@pytest.mark.django_db
def test_an_answer_goes_to_the_room_that_keeps_it_word_for_word(kept):
    message = sent()

    assert told(answer(message)) == "kept"

    assert kept == [(message, WORDS, TUESDAY)]


@pytest.mark.django_db
def test_an_answer_from_another_address_is_not_handed_on(kept):
    message, other = sent(), sent()

    assert told(answer(message, sender=other.person.email)) == "wrong_sender"
    assert told(answer(message, sender="privat@elsewhere.example")) == "wrong_sender"
    assert told(b"From: x@y.example\r\n" + answer(message)) == "wrong_sender"
    User.objects.filter(pk=message.person_id).update(is_active=False)
    assert told(answer(message)) == "wrong_sender"
    assert kept == []


@pytest.mark.django_db
def test_an_answer_our_relay_does_not_believe_is_not_handed_on(kept, settings):
    settings.INBOX_AUTHSERV_ID = "inbound.fjordby.example"
    said = {"Authentication_Results": "inbound.fjordby.example; spf=pass; dmarc=fail"}

    assert told(answer(sent(), **said)) == "wrong_sender"
    assert kept == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (rejected)"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"X_Auto_Response_Suppress": "All"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<alle.fjordby.example>"},
        {"Return_Path": "<>"},
    ],
)
def test_out_of_office_is_no_answer_and_gets_none(kept, headers, mailoutbox):
    assert told(answer(sent(), "Jeg er på ferie", **headers)) == "automatic"
    assert (kept, mailoutbox) == ([], [])


@pytest.mark.django_db
def test_a_person_who_says_so_is_no_machine(kept):
    assert told(answer(sent(), Auto_Submitted="no", Precedence="normal")) == "kept"


@pytest.mark.django_db
def test_what_the_other_room_refuses_or_nobody_keeps_is_put_aside(kept):
    def refuse(message, text, now):
        raise Refusal("The programme has ended.")

    answers_by_mail.kept_by(refuse)
    assert told(answer(sent())) == "not_taken"
    answers_by_mail._keepers.clear()
    assert told(answer(sent())) == "no_reader"


@pytest.mark.django_db
def test_only_a_reply_address_takes_answers(kept):
    message = sent()

    assert told(mail(envelope_sender(message), WORDS, sender=message.person.email)) is None
    assert told(mail("hold-1@fjordby.example", WORDS, sender=message.person.email)) is None
    Message.objects.all().delete()
    assert told(answer(message)) == "wrong_sender"
    assert kept == []


@pytest.mark.django_db
def test_what_is_empty_or_too_long_is_not_handed_on(kept):
    message = sent()

    assert told(answer(message, "\n\n")) == "empty"
    assert told(answer(message, "å" * (LONGEST + 1))) == "too_long"
    assert told(answer(message, "å" * (3 * LONGEST))) == "too_long"
    assert kept == []
    assert told(answer(message, "å" * LONGEST)) == "kept"


def words(text, subtype="plain"):
    return own_words(opened(mail("answer@fjordby.example", text, subtype=subtype)))


QUESTION = "Hvad lagde du mærke til?\nhttps://laering.example/s/1/"
QUOTED = "\n".join(f"> {line}" for line in QUESTION.splitlines())
OUTLOOK = "Fra: Digital ledelse <hold-1@fjordby.example>\nSendt: 27. oktober 2026 08:31\nTil: Leder\nEmne: Et spørgsmål"


@pytest.mark.parametrize(
    "rest",
    [
        f"Den tirs. 27. okt. 2026 kl. 08.31 skrev Digital ledelse <hold-1@fjordby.example>:\n\n{QUOTED}",
        f"On Tue, Oct 27, 2026 at 8:31 AM Digital ledelse <hold-1@fjordby.example>\nwrote:\n\n{QUOTED}",
        f"{OUTLOOK}\n\n{QUESTION}",
        f"________________________________\n{OUTLOOK}\n\n{QUESTION}",
        f"From: Digital ledelse <hold-1@fjordby.example>\nSent: Tuesday\nTo: Leder\nSubject: A question\n\n{QUESTION}",
        f"Sendt fra min iPhone\n\n> Den 27. okt. 2026 kl. 08.31 skrev Hold <hold-1@fjordby.example>:\n> \n{QUOTED}",
        f"Sent from my iPhone\n\nOn 27 Oct 2026, at 08:31, Digital ledelse <hold-1@fjordby.example> wrote:\n\n{QUOTED}",
        f"Hent Outlook til iOS<https://aka.example/o>\n________________________________\n{OUTLOOK}\n\n{QUESTION}",
        "-- \nLeder Ledersen\nPlejehjemmet ved Fjorden",
        "",
    ],
)
def test_the_quoted_mail_and_the_signature_are_cut_away(rest):
    assert words(f"{WORDS}\n\n{rest}\n") == WORDS


@pytest.mark.parametrize(
    "text",
    [
        "Tak for spørgsmålet.\nTak til gruppen også.\n\nMere om det i morgen.",
        "- først\n- så\n- til sidst",
        "Den dag skrev jeg alt ned: det hjalp.\nOg så gik jeg hjem.",
        "Hilsen er det første, jeg giver.\nKnus er det sidste.\nKh",
        "Til: mig selv\nFra: mig i morgen\nvil jeg lytte.",
        "Bemærk: vi mailer for meget.\nFortroligt: det er svært.",
        "Det var en fejl.\nSendt fra kontoret, og læst hjemme.",
        "Jeg skrev:\n\n* ro\n* tid\n\n1. og så\n2. videre",
    ],
)
def test_no_line_somebody_wrote_is_lost(text):
    assert words(text) == text


def test_answers_between_the_quoted_lines_are_kept():
    text = "Svar nedenfor.\n\nDen 27. okt. 2026 kl. 08.31 skrev Hold <a@b.example>:\n> Hvad så du?\nUro.\n> Og nu?\nRo."

    assert words(text) == "Svar nedenfor.\n\nUro.\nRo."


def test_an_answer_below_the_quoted_mail_is_kept():
    text = f"Den 27. okt. 2026 kl. 08.31 skrev Hold <a@b.example>:\n{QUOTED}\n\nUro."

    assert words(text) == "Uro."


@pytest.mark.parametrize(
    "text",
    [f"Den 27. okt. 2026 kl. 08.31 skrev Hold <a@b.example>:\n\n{QUOTED}", f"{OUTLOOK}\n\n{QUESTION}", "-- \nLeder"],
)
def test_our_own_question_is_nobodys_answer(text):
    assert words(text) == ""


def test_a_mail_that_is_only_html_can_be_read():
    markup = (
        "<style>p{color:red}</style><div>Jeg talte<br>for meget &amp; tit.</div><p>Ro &lt;3</p>"
        "<script>alert(1)</script><div>Den 27. okt. 2026 kl. 08.31 skrev Hold &lt;a@b.example&gt;:<br>"
        "<blockquote>Hvad lagde du mærke til?</blockquote></div>"
    )

    assert words(markup, "html") == "Jeg talte\nfor meget & tit.\nRo <3"


def test_attached_files_are_not_looked_at():
    attached = mail("answer@fjordby.example", "hemmeligt").replace(
        b"MIME-Version", b"Content-Disposition: attachment; filename=a.txt\r\nMIME-Version"
    )

    assert b"hemmeligt" in attached
    assert own_words(opened(attached)) == ""


def test_the_plain_part_counts_where_there_are_two():
    raw = (
        b"Content-Type: multipart/mixed; boundary=o\r\n\r\n"
        b"--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
        b"--i\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nR\xf8dt\r\n"
        b"--i\r\nContent-Type: text/html\r\n\r\n<b>andet</b>\r\n--i--\r\n"
        b"--o\r\nContent-Type: image/png\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.b64encode(b"picture")
        + b"\r\n--o--\r\n"
    )

    assert own_words(opened(raw)) == "Rødt"


@pytest.mark.parametrize("row", [" ", " \n", "> ", "Den skrev ", "On ", "On On wrote ", "Fra: x\n", "_", "<br>"])
def test_no_text_keeps_us_busy(row):
    began = monotonic()
    words(row * 20_000)
    words((row * 100 + "\n") * 200)
    words(row * 20_000, "html")

    assert monotonic() - began < 20  # it was minutes before texts were shortened
