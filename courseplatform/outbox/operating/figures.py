"""The delivery's figures for Prometheus (DELIVERY §11). Every process reads the same rows and answers the same."""

import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from courseplatform import clock
from courseplatform.outbox.models import DeliveryCount, Message, Pulse, Relay
from courseplatform.outbox.operating.delivery_state import Queue, ages, open_claims, planned_until, put_aside, queues
from courseplatform.outbox.planning.turns import in_trouble

OWN_MACHINE = frozenset({"127.0.0.1", "::1"})
CAME_THROUGH_A_PROXY = frozenset({"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"})
# What is counted, with the name of its label. Each stands in the answer, with 0 from the first day.
COUNTED = {
    "sent": "",
    "merged": "",
    "failed": "reason",
    "suppressed": "reason",
    "cancelled": "reason",
    "held": "reason",
    "bounced": "",
    "lease_expired": "",
    "in_doubt": "",
    "settle_lost_guard": "",
    "smtp_reply": "class",
}
SECONDS = "slice_seconds"


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For who brings the token; without one, for this machine alone. Anybody else finds nothing here."""
    if not _is_let_in(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Delivery(clock.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _is_let_in(request: HttpRequest) -> bool:
    if token := settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(given.encode(), token.encode())
    # Behind a proxy everybody seems to come from this machine.
    is_direct = not settings.ALLAUTH_TRUSTED_PROXY_COUNT and not CAME_THROUGH_A_PROXY & set(request.headers)
    return is_direct and request.META.get("REMOTE_ADDR") in OWN_MACHINE


class Delivery(Collector):
    """Gauges from the rows as they are at that instant, counters from the table that survives every process."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering asks no database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        pulse = Pulse.objects.first()
        yield from _of_queues(queues(self.now), self.now)
        yield from _of_pulse(pulse, self.now)
        yield _gauge("claims_open", "Batches in flight.", open_claims().count())
        held = sum(number for state, _reason, number, _unsure in put_aside() if state == Message.State.HELD)
        yield _gauge("held_now", "Messages that wait for a person's decision.", held)
        yield _gauge("unplannable_now", "Cohorts that cannot be planned.", in_trouble().count())
        yield _of_relays(self.now)
        yield from _counted(dict(_counts()))


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"delivery_{name}", says, value=value)


def _of_queues(found: list[Queue], now: datetime) -> Iterator[Metric]:
    lag = GaugeMetricFamily("delivery_due_lag_seconds", "How long the oldest has waited.", labels=["priority"])
    due = GaugeMetricFamily("delivery_due_now", "Messages that might go now.", labels=["priority"])
    for queue in found:
        lag.add_metric([str(queue.priority)], queue.lag(now).total_seconds())
        due.add_metric([str(queue.priority)], queue.waiting)
    until = planned_until(found)
    hours = max(0.0, (until - now).total_seconds() / 3600) if until else 0
    yield from (lag, due, _gauge("planned_horizon_hours", "How far ahead messages are written.", hours))


def _of_pulse(pulse: Pulse | None, now: datetime) -> Iterator[Metric]:
    age = GaugeMetricFamily("delivery_pulse_age_seconds", "Since the last tick; none yet: no line.", labels=["tick"])
    for tick, passed in ages(now, pulse).items():
        if passed is not None:
            age.add_metric([tick], passed.total_seconds())
    yield age
    yield _gauge("catchup_active", "1 while a backlog goes out slowly.", int(bool(pulse and pulse.catching_up_since)))
    yield _gauge("stopped", "1 while nothing is sent until an operator says so.", int(bool(pulse and pulse.stopped_at)))


def _of_relays(now: datetime) -> Metric:
    state = GaugeMetricFamily("delivery_breaker_state", "1 while a relay is left alone.", labels=["relay"])
    for relay in Relay.objects.order_by("name"):
        state.add_metric([relay.name], int(bool(relay.open_until and relay.open_until > now)))
    return state


def _counts() -> Iterator[tuple[str, dict[str, float]]]:
    """Name → label → number."""
    found: dict[str, dict[str, float]] = {}
    for name, label, number in DeliveryCount.objects.order_by("name", "label").values_list("name", "label", "number"):
        found.setdefault(name, {})[label] = number
    yield from found.items()


def _counted(found: dict[str, dict[str, float]]) -> Iterator[Metric]:
    for name, label in COUNTED.items():
        counter = CounterMetricFamily(f"delivery_{name}", "Since ever.", labels=[label] if label else [])
        for value, number in (found.get(name) or ({} if label else {"": 0.0})).items():
            counter.add_metric([value] if label else [], number)
        yield counter
    took, often = (found.get(f"{SECONDS}_{part}", {}).get("", 0.0) for part in ("sum", "count"))
    yield SummaryMetricFamily(f"delivery_{SECONDS}", "From claim to the end of a slice.", int(often), took)
