"""What all senders know together about a relay: whether it rests, and how much it takes (DELIVERY §9)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.checks import run_checks

from courseplatform.outbox.models import Pulse, Relay
from courseplatform.outbox.relay import relays
from tests.factories import MessageFactory
from worker.celery import refuse_what_checks_refuse

NOW = datetime(2026, 10, 27, 8, tzinfo=UTC)
HOST = "relay.fjordby.example:587"


def seconds(number):
    return NOW + timedelta(seconds=number)


def taken(now, wanted=500):
    return relays.take(HOST, now, wanted).mails


@pytest.mark.django_db
def test_a_relay_that_is_well_takes_all_there_is():
    assert taken(NOW) == 500
    assert Relay.objects.count() == 0


@pytest.mark.django_db
def test_a_relay_in_trouble_rests_and_is_tried_with_one_mail():
    relays.failed(HOST, NOW)

    assert taken(seconds(3.9)) == 0
    assert relays.take(HOST, seconds(5), 500) == relays.PROBE
    assert taken(seconds(5)) == 0  # nobody else tries meanwhile
    relays.answered(HOST)
    assert taken(seconds(5)) == 500


@pytest.mark.django_db
def test_the_rests_grow_from_five_seconds_to_five_minutes():
    at, rests = NOW, []
    relays.failed(HOST, at)
    for _ in range(9):
        until = Relay.objects.get().open_until
        rests.append((until - at).total_seconds())
        at = until
        assert relays.take(HOST, at, 500).is_probe

    usual = [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert [0.8 * most <= rest <= most for rest, most in zip(rests, usual, strict=True)] == [True] * 9


@pytest.mark.django_db
def test_what_ten_senders_notice_at_once_counts_once():
    for _ in range(10):
        relays.failed(HOST, NOW)

    assert Relay.objects.get().failures == 1


@pytest.mark.django_db
def test_a_relay_that_is_well_costs_two_queries(django_assert_num_queries):
    with django_assert_num_queries(2):
        taken(NOW)


@pytest.mark.django_db
def test_other_relays_go_on():
    relays.failed(HOST, NOW)

    assert relays.take("other.fjordby.example:25", NOW, 500).mails == 500


@pytest.mark.django_db
def test_a_rate_is_kept_over_the_minutes_however_many_ask(settings):
    settings.RELAY_RATE = 120

    first_minute = [taken(seconds(second)) for second in range(0, 60, 3)]
    second_minute = [taken(seconds(second), wanted=7) for second in range(60, 120)]

    assert first_minute[0] == 30
    assert sum(first_minute) <= 120 + 30
    assert 118 <= sum(second_minute) <= 126  # what the last three seconds had left is in it


@pytest.mark.django_db
def test_an_idle_hour_saves_up_no_more_than_a_burst(settings):
    settings.RELAY_RATE = 120
    taken(NOW)

    assert taken(NOW + timedelta(hours=1)) == 30


@pytest.mark.django_db
def test_a_clock_that_is_set_back_keeps_no_mail_from_going(settings):
    settings.RELAY_RATE = 120
    taken(NOW)

    after = [taken(seconds(second) - timedelta(hours=1)) for second in range(0, 60, 15)]

    assert after == [0, 30, 30, 30]


@pytest.mark.django_db
def test_a_relay_that_rested_when_the_clock_was_set_back_is_tried_at_once():
    relays.failed(HOST, NOW)

    assert relays.take(HOST, NOW - timedelta(hours=1), 500) == relays.PROBE
    assert relays.take(HOST, NOW - timedelta(hours=1), 500) == relays.NOTHING


@pytest.mark.django_db
def test_what_was_taken_and_not_sent_is_there_again(settings):
    settings.RELAY_RATE = 120
    taken(NOW)
    assert taken(NOW) == 0

    relays.give_back(HOST, 12)

    assert taken(NOW) == 12


@pytest.mark.django_db
def test_a_slow_rate_still_sends_a_mail_now_and_then(settings):
    settings.RELAY_RATE = 1

    assert [taken(seconds(minute * 60)) for minute in range(5)] == [1] * 5


@pytest.mark.django_db
@pytest.mark.parametrize(("rate", "full"), [(0, relays.FULL_SPEED), (600, 600)])
def test_after_a_standstill_mail_begins_slowly(settings, rate, full):
    settings.RELAY_RATE = rate
    Pulse.objects.create(pk=1, catching_up_since=NOW)

    shares = [relays.rate_at(NOW + timedelta(minutes=minutes)) / full for minutes in (0, 5)]

    assert shares == pytest.approx([0.1, 0.55])
    assert taken(NOW, wanted=10_000) == full * 0.1 / relays.BURST
    assert relays.rate_at(NOW + timedelta(minutes=10)) == rate


@pytest.mark.django_db
def test_a_refusal_is_told_once_for_each_relay_and_reply(caplog):
    refused = relays.Refused(554, "5.7.1")
    relays.alert(HOST, refused)
    MessageFactory(state="held", reason="refused", reply_code=554, reply_enhanced="5.7.1")
    relays.alert(HOST, refused)
    relays.alert(HOST, relays.Refused(552))

    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert [("554 5.7.1" in words, "552" in words) for words in told] == [(True, False), (False, True)]


def test_a_relay_without_a_timeout_stops_the_start(settings):
    settings.EMAIL_BACKEND = "courseplatform.outbox.relay.channels.SmtpBackend"
    assert found() == []

    settings.EMAIL_TIMEOUT = None
    assert found() == ["outbox.E002"]
    settings.EMAIL_TIMEOUT, settings.EMAIL_DOT_TIMEOUT = 60, 0
    assert found() == ["outbox.E002"]


def test_a_backend_that_cannot_tell_doubt_from_failure_stops_the_start(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    assert found() == ["outbox.E001"]


def found():
    return [error.id for error in run_checks() if str(error.id).startswith("outbox.")]


def test_a_worker_does_not_start_with_such_a_relay(settings):
    refuse_what_checks_refuse()

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with pytest.raises(SystemExit, match="EMAIL_BACKEND"):
        refuse_what_checks_refuse()
