"""What dead senders leave behind, and what has run out of time (DELIVERY §§2, 5)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q, QuerySet

from courseplatform.outbox.models import Claim, Message
from courseplatform.outbox.operating import metrics
from courseplatform.outbox.sending.admission import merged
from courseplatform.outbox.sending.claiming import lease_length
from courseplatform.outbox.sending.settling import in_doubt

Kind, State = Message.Kind, Message.State


def reap(now: datetime, last: datetime | None = None) -> int:
    """Frees the messages of every lease that has run out, then sweeps out the expired; returns how many were freed.

    `last` is when somebody reaped before. Safe to run at any time, by any number of processes.
    """
    if last is not None and not _ticks_steadily(last, now):
        _expired(now).filter(doubted_at=None).update(doubted_at=now)
    sure = Q(doubted_at=None) | Q(doubted_at__lte=now - lease_length())
    freed = sum(_close_and_free(claim, now) for claim in list(_expired(now).filter(sure).values_list("pk", flat=True)))
    freed += sum(_free(claim, now) for claim in _without_a_holder())
    sweep(now)
    metrics.write_down()
    return freed


def _ticks_steadily(last: datetime, now: datetime) -> bool:
    """False when the database's clock was set, or nobody reaped for a while: then a lease that looks run out may live.

    Its holder has the length of one lease to be heard of.
    """
    return timedelta(0) <= now - last <= timedelta(seconds=4 * settings.REAP_EVERY)


def _expired(now: datetime) -> QuerySet[Claim]:
    return Claim.objects.filter(open=True, lease_until__lt=now)


@transaction.atomic
def _close_and_free(claim: int, now: datetime) -> int:
    # The claim is closed first: of two reapers only one gets past this line.
    if not _expired(now).filter(pk=claim).update(open=False):
        return 0
    metrics.count("lease_expired")
    return _free(claim, now)


def _without_a_holder() -> list[int | None]:
    """Claims of claimed rows that nobody holds: none, unless a hand or a backup has touched the tables."""
    held = Claim.objects.filter(open=True).values("pk")
    stray = Message.objects.filter(state=State.CLAIMED).exclude(claim__isnull=False, claim__in=held)
    return list(stray.order_by().values_list("claim", flat=True).distinct())


@transaction.atomic
def _free(claim: int | None, now: datetime) -> int:
    """The first in line may have gone out: it waits, flagged. The others are free at once, with no penalty."""
    rows = Message.objects.filter(claim=claim, state=State.CLAIMED)
    first = rows.aggregate(place=Min("claim_pos"))["place"]
    doubtful = list(rows.filter(claim_pos=first))
    for mail in merged(doubtful):
        for message in mail.messages:
            lead = None if message is mail.lead else mail.lead
            rows.filter(pk=message.pk).update(**in_doubt(message, now), merged_into=lead, claim=None, claim_pos=None)
    return len(doubtful) + rows.update(state=State.DUE, claim=None, claim_pos=None)


def sweep(now: datetime) -> int:
    """Holds back everything that still waits when its time is over; set-based. Nothing expires before it is due."""
    over = Message.objects.filter(state=State.DUE, priority__in=Message.PRIORITIES, due_at__lte=now, expires_at__lt=now)
    words = {"stale": Q(kind=Kind.PROMPT), "too_late": Q(kind=Kind.REMINDER), "expired": Q()}
    held_back = {word: over.filter(which).update(state=State.SUPPRESSED, reason=word) for word, which in words.items()}
    for word, number in held_back.items():
        metrics.count("suppressed", word, number)
    return sum(held_back.values())
