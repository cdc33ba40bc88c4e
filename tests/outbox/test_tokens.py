"""Whoever lacks our keys cannot name a message, and no token says who it went to."""

import re
from base64 import b32decode, b32encode
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseplatform.outbox.inbox import tokens
from courseplatform.outbox.models import Message

ADDRESSED = [(tokens.envelope_sender, tokens.message_of), (tokens.reply_address, tokens.message_of_reply)]
both_addresses = pytest.mark.parametrize(("write", "read"), ADDRESSED)


def message():
    return Message(pk=uuid4())


@both_addresses
def test_an_address_leads_back_to_its_message(write, read, settings):
    asked = message()

    assert read(write(asked)) == asked.pk
    assert write(asked).endswith(f"@{settings.MAIL_DOMAIN}")


@both_addresses
def test_an_address_survives_relays_that_change_case_or_domain(write, read):
    asked = message()
    local, _, domain = write(asked).partition("@")

    assert read(f"{local.upper()}@{domain.upper()}") == asked.pk
    assert read(f"{local.title()}@inside.fjordby.example") == asked.pk


@both_addresses
def test_an_address_fits_into_a_mail_and_names_only_the_message(write, read):
    asked = message()
    local = write(asked).partition("@")[0]

    assert len(local) <= 64
    assert re.fullmatch(r"[a-z]+\+[a-z2-7]{48}", local)
    assert b32decode(local.partition("+")[2], casefold=True)[:16] == asked.pk.bytes


def test_a_token_is_good_for_one_purpose_only():
    asked = message()
    bounce, answer = tokens.envelope_sender(asked), tokens.reply_address(asked)
    unsubscribe = tokens.unsubscribe_token(asked)

    assert tokens.message_of(answer) is None
    assert tokens.message_of_reply(bounce) is None
    assert tokens.message_of(f"bounce+{unsubscribe}@fjordby.example") is None
    assert tokens.message_of(answer.replace("answer", "bounce")) is None
    assert tokens.message_of_unsubscribe(bounce.partition("+")[2].partition("@")[0]) is None
    assert tokens.message_of_unsubscribe(unsubscribe) == asked.pk


def test_changing_any_one_bit_spoils_a_token():
    token = tokens.unsubscribe_token(message())
    known = b32decode(token, casefold=True)
    spoilt = [known[:at] + bytes([known[at] ^ 1 << bit]) + known[at + 1 :] for at in range(30) for bit in range(8)]

    assert {tokens.message_of_unsubscribe(b32encode(one).decode()) for one in spoilt} == {None}


def test_a_proof_is_not_good_for_another_message():
    one, other = (b32decode(tokens.unsubscribe_token(message()), casefold=True) for _ in range(2))

    assert tokens.message_of_unsubscribe(b32encode(one[:16] + other[16:]).decode()) is None


def test_a_token_outlives_its_key_as_long_as_that_is_kept(settings):
    asked = message()
    token, address = tokens.unsubscribe_token(asked), tokens.envelope_sender(asked)

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another secret, long enough for us"
    assert (tokens.message_of_unsubscribe(token), tokens.message_of(address)) == (asked.pk, asked.pk)
    assert tokens.unsubscribe_token(asked) != token

    settings.SECRET_KEY_FALLBACKS = []
    assert (tokens.message_of_unsubscribe(token), tokens.message_of(address)) == (None, None)


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "@",
        "+",
        "bounce",
        "bounce+",
        "bounce+@x",
        "bounce+æøå@x",
        "bounce+" + "a" * 48 + "@x",
        "bounce+=@x",
        "ø" * 48,
    ],
)
def test_nonsense_names_no_message(nonsense):
    assert tokens.message_of(nonsense) is None
    assert tokens.message_of_reply(nonsense.replace("bounce", "answer")) is None
    assert tokens.message_of_unsubscribe(nonsense) is None


@given(st.text(max_size=80), st.binary(max_size=40))
def test_no_guess_names_a_message(words, raw):
    guess = b32encode(raw).decode()

    assert {tokens.message_of_unsubscribe(words), tokens.message_of_unsubscribe(guess)} == {None}
    assert tokens.message_of(f"bounce+{guess}@fjordby.example") is None


def test_a_shortened_proof_is_no_proof():
    asked = UUID(int=7)
    known = b32decode(tokens.unsubscribe_token(Message(pk=asked)), casefold=True)

    assert [tokens.message_of_unsubscribe(b32encode(known[:end]).decode()) for end in range(30)] == [None] * 30
