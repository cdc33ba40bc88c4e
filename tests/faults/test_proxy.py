"""The proxy spoils what it is told to, and nothing else: what other tests say about the product rests on that."""

import smtplib
import time

import pytest

from tests.faults.proxy import FaultProxy, garbage, reset, say, slowly, stall

MAIL = "Message-ID: <m1@fjordby.example>\r\nSubject: Hej\r\n\r\nKan I høre mig?\r\n".encode()


@pytest.fixture
def proxy(sink):
    sink.forget()
    with FaultProxy(sink.port) as proxy:
        yield proxy


def send(proxy, *, timeout=2, times=1):
    with smtplib.SMTP("127.0.0.1", proxy.port, timeout=timeout) as smtp:
        for _ in range(times):
            smtp.sendmail("hr@fjordby.example", ["leder@fjordby.example"], MAIL)


def test_unharmed_a_mail_reaches_the_sink_with_its_id_and_envelope(proxy, sink):
    send(proxy)

    [line] = sink.lines()
    assert (line.message_id, line.sender, line.recipient) == (
        "<m1@fjordby.example>", "hr@fjordby.example", "leder@fjordby.example",
    )  # fmt: skip


def test_nobody_answers_until_it_listens_again(proxy, sink):
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        send(proxy)
    proxy.listen()

    send(proxy)
    assert len(sink.lines()) == 1


@pytest.mark.parametrize("phase", ["connect", "ehlo", "mail", "rcpt", "data", "text", "dot"])
def test_a_reset_before_the_dot_leaves_nothing_at_the_sink(proxy, sink, phase):
    proxy.spoil(phase, reset)

    with pytest.raises((ConnectionResetError, BrokenPipeError, smtplib.SMTPServerDisconnected)):
        send(proxy)
    assert proxy.met[phase] >= 1
    assert sink.lines() == []


@pytest.mark.parametrize("deed", [reset, stall])
def test_an_answer_that_gets_lost_was_given_all_the_same(proxy, sink, deed):
    proxy.spoil("answer", deed)

    with pytest.raises((TimeoutError, ConnectionResetError, smtplib.SMTPServerDisconnected)):
        send(proxy, timeout=0.3)
    assert len(sink.lines()) == 1


def test_a_stall_before_the_dot_leaves_nothing_at_the_sink(proxy, sink):
    proxy.spoil("dot", stall)

    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        send(proxy, timeout=0.3)
    assert sink.lines() == []


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "text", "dot", "answer"])
def test_it_says_what_it_is_told_to_the_second_mail_alone(proxy, sink, phase):
    proxy.spoil(phase, say("450 4.2.1 later"), after=1, times=1)

    with smtplib.SMTP("127.0.0.1", proxy.port, timeout=2) as smtp:
        for works in (True, False, True):
            if works:
                smtp.sendmail("hr@fjordby.example", ["leder@fjordby.example"], MAIL)
            else:
                with pytest.raises(smtplib.SMTPException):
                    smtp.sendmail("hr@fjordby.example", ["leder@fjordby.example"], MAIL)
                smtp.rset()  # smtplib leaves that out after a no to DATA
    assert len(sink.lines()) == (3 if phase == "answer" else 2)


def test_a_relay_that_shuts_down_says_so_and_hangs_up(proxy):
    proxy.spoil("mail", say("421 4.3.2 shutting down"))

    with pytest.raises(smtplib.SMTPSenderRefused, match="421"):
        send(proxy)


def test_slow_is_slow_and_arrives(proxy, sink):
    proxy.spoil("answer", slowly(bytes_a_second=100))
    began = time.monotonic()

    send(proxy)
    assert len(sink.lines()) == 1
    assert time.monotonic() - began > len("250 2.0.0 written down") / 100


def test_what_should_be_tls_is_not(sink):
    with FaultProxy(sink.port, offers_tls=True) as proxy:
        proxy.spoil("starttls", garbage)
        with smtplib.SMTP("127.0.0.1", proxy.port, timeout=2) as smtp, pytest.raises(OSError):
            smtp.starttls()


def test_once_healed_it_harms_nobody(proxy, sink):
    proxy.spoil("mail", reset)
    proxy.heal()

    send(proxy)
    assert len(sink.lines()) == 1
