"""After a restore from a backup nothing is sent until an operator has said what went in the meantime (DELIVERY §12 S3).

`going_ahead` notices it and stops everything; here is what the operator decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.calendar.local_time import to_local, to_utc
from courseplatform.cohorts.models import Cohort
from courseplatform.outbox.models import Claim, Message, Pulse
from courseplatform.outbox.planning.gathering import LIVE
from courseplatform.outbox.planning.invitations import plan_invitations
from courseplatform.outbox.planning.planner import replan, touch
from courseplatform.outbox.planning.rows import HORIZON
from courseplatform.outbox.sending import outages, sent_mark
from courseplatform.outbox.sending.admission import MERGEABLE
from courseplatform.outbox.sending.counted_again import count_as_sent
from courseplatform.outbox.sending.going_ahead import RESTORED, THE_ROW, the_pulse
from courseplatform.outbox.sending.pulse import begin_catching_up
from courseplatform.people.refusals import Refusal

State = Message.State


@dataclass(frozen=True)
class Doubt:
    """What the restored database knows nothing of: the time from its backup until the senders stopped (UTC)."""

    since: datetime
    until: datetime


def doubt(now: datetime) -> Doubt | None:
    """What an operator has to decide about; None while nothing has stopped for that reason."""
    pulse, _newest = the_pulse()
    return _doubt(pulse) if pulse.stopped_at and pulse.stopped_because == RESTORED else None


def _doubt(pulse: Pulse, until: datetime | None = None) -> Doubt:
    known = [at for at in (pulse.planned_at, pulse.dispatched_at, pulse.reaped_at) if at]
    marked = [mark.at for mark in sent_mark.marks() if mark.database == pulse.database]
    last = until or max(marked, default=pulse.stopped_at or max(known))
    return Doubt(since=min(max(known, default=last), last), until=last)


def confirm(now: datetime, sent_until: datetime | None = None) -> int:
    """What was due up to `sent_until` counts as sent and is not sent again; then everything goes on. Returns how many.

    Left out, it is when the senders last took something in hand. Given, it also serves where no mark was left to stop
    at. Raises Refusal when there is nothing to confirm, or for an instant to come.
    """
    if sent_until and sent_until > now:
        raise Refusal(_("That time lies ahead. Say until when mails have gone out."))
    pulse, _newest = the_pulse()
    if pulse.stopped_because != RESTORED and sent_until is None:
        raise Refusal(_("Nothing has stopped, so there is nothing to confirm."))
    about = _doubt(pulse, sent_until)
    _write_again_what_was_lost(about)
    return _settle(about, now)


@transaction.atomic
def release(now: datetime) -> None:
    """No mail has left since the backup: everything goes on, and what is late goes by the rules for lateness.

    Raises Refusal when nothing has stopped.
    """
    about = doubt(now)
    if about is None:
        raise Refusal(_("Nothing has stopped, so there is nothing to confirm."))
    outages.report(about.since, now, held_back=Q(expires_at__lte=now))
    _go_on(now)


def _write_again_what_was_lost(about: Doubt) -> None:
    """As the planner wrote it then, so that it has the time it went at: one horizon after the other."""
    for at in _horizons(about):
        for cohort in Cohort.objects.filter(state__in=LIVE).order_by("pk"):
            replan(cohort, at)
            plan_invitations(cohort, at)


def _horizons(about: Doubt) -> Iterator[datetime]:
    at = about.since
    while at <= about.until:
        yield at
        at += HORIZON


@transaction.atomic
def _settle(about: Doubt, now: datetime) -> int:
    doubtful = [*_sent_perhaps(about.until).values_list("pk", flat=True)]
    rows = Message.objects.filter(pk__in=doubtful, state__in=(State.DUE, State.CLAIMED))
    outages.report(about.since, now, held_back=Q(pk__in=doubtful))
    count_as_sent(rows)
    settled = rows.update(state=State.SUPPRESSED, reason=RESTORED, claim=None, claim_pos=None, maybe_sent=True)
    Claim.objects.filter(open=True).update(open=False)
    _go_on(now)
    return settled


def _sent_perhaps(until: datetime) -> QuerySet[Message]:
    """What a sender could have taken by then: due, or later that day and in one mail with what was due (MODEL P6)."""
    waiting = Message.objects.filter(state__in=(State.DUE, State.CLAIMED)).exclude(not_before__gt=until)
    due = waiting.filter(Q(due_at__lte=until) | Q(state=State.CLAIMED))
    in_one_mail = Q(kind__in=MERGEABLE, channel=Message.Channel.EMAIL)
    people = due.filter(in_one_mail).values("person")
    later = Q()
    for tzid in waiting.order_by().values_list("tzid", flat=True).distinct():
        later |= Q(tzid=tzid, due_at__lt=_midnight_after(until, tzid))
    return waiting.filter(Q(pk__in=due) | (in_one_mail & Q(person__in=people) & later))


def _midnight_after(instant: datetime, tzid: str) -> datetime:
    return to_utc(datetime.combine(to_local(instant, tzid).date() + timedelta(days=1), time.min), tzid)


def _go_on(now: datetime) -> None:
    # Under a new name, so that no old mark, on whatever machine, stops it again. What was late is written down already:
    # nobody notices this standstill a second time, so here begins what ends one calmly.
    gone = {"stopped_at": None, "stopped_because": "", "dispatched_at": now}
    Pulse.objects.filter(pk=THE_ROW).update(database=uuid4(), **gone)
    begin_catching_up(now)
    touch(Cohort.objects.filter(state__in=LIVE).values_list("pk", flat=True))
