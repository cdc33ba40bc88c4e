"""After a standstill: nothing stale, no heap of questions, and one line for HR about each cohort (DELIVERY §7).

How late a single message may still go is decided where it is planned and admitted; here is what concerns them all.
"""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat, Left, Length

from courseplatform.cohorts.models import Cohort
from courseplatform.outbox.models import Message, Outage, Pulse
from courseplatform.outbox.planning.gathering import LIVE, gather, with_rules
from courseplatform.outbox.planning.planned import PLANNED, Key
from courseplatform.outbox.planning.rows import HORIZON
from courseplatform.outbox.planning.together import plan_together

Kind, State = Message.Kind, Message.State
STANDSTILL = timedelta(hours=1)  # a restart is none
LATE = timedelta(hours=24)  # up to then a message simply goes at the next open slot
LATE_ONES, HELD_BACK = "late", "held back"
Tally = Counter[tuple[UUID, str]]  # by cohort


def notice(pulse: Pulse, now: datetime) -> bool:
    """Whether a standstill ends here; then it is written down, once, and what has piled up is thinned out.

    `pulse` as it was before this tick's stamp. Any number of processes may notice the same one. Ask it before planning
    and before sending: afterwards late messages no longer look late.
    """
    began = pulse.dispatched_at
    if began is None or now - began < STANDSTILL or Outage.objects.filter(began_at=began).exists():
        return False
    with transaction.atomic():
        report(began, now, held_back=Q(expires_at__lte=now) | Q(pk__in=_overtaken(now)))
        coalesce(now)
    return True


def coalesce(now: datetime) -> int:
    """Of one person's questions that are more than a day late, the latest of each kind goes; the others would be stale.

    Returns how many are held back. Set-based, and safe to repeat.
    """
    over = Message.objects.filter(pk__in=list(_overtaken(now).values_list("pk", flat=True)), state=State.DUE)
    return over.update(state=State.SUPPRESSED, reason="stale")


def _overtaken(now: datetime) -> QuerySet[Message]:
    """Late questions after which the same was asked again, and second times of asking what was never asked once."""
    waiting = Message.objects.due(now)
    alike = waiting.filter(enrolment=OuterRef("enrolment"), person=OuterRef("person"), template=OuterRef("template"))
    first = alike.filter(is_follow_up=False)
    later = first.filter(Q(due_at__gt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), pk__gt=OuterRef("pk")))
    is_late = Q(kind=Kind.PROMPT, is_follow_up=False, due_at__lte=now - LATE)
    its_first = first.filter(occurrence_key=_key_of_the_first())
    return waiting.filter(is_late & Exists(later) | Q(is_follow_up=True) & Exists(its_first))


def _key_of_the_first() -> Concat:
    """A follow-up's key with the number of the question it follows (MODEL §13); of any other it is its own."""
    key = OuterRef("occurrence_key")
    return Concat(Left(key, Length(key) - 1), Value("0"))


# --- What HR is told -------------------------------------------------------------------------------------------------
def outages_of(cohort: Cohort) -> QuerySet[Outage]:
    """What HR has not put away yet, the newest first."""
    return cohort.outages.filter(seen_at=None).order_by("-began_at")


def put_away(outage: Outage, now: datetime) -> None:
    """HR has read it, and those of the cohort before it. Safe to repeat: the first time stands."""
    up_to_here = Outage.objects.filter(cohort=outage.cohort_id, began_at__lte=outage.began_at)
    up_to_here.filter(seen_at=None).update(seen_at=now)


def report(began: datetime, ended: datetime, held_back: Q) -> None:
    """One line for each cohort it touched: how much is late, and how much is `held_back`. A second one changes nothing.

    Never who.
    """
    counts = _counted(began, ended, held_back)
    if ended - began >= HORIZON:
        counts += _never_written(began, ended)
    cohorts = {cohort for cohort, _what in counts}
    Outage.objects.bulk_create(
        (_outage(cohort, began, ended, counts) for cohort in sorted(cohorts)), ignore_conflicts=True
    )


def _outage(cohort: UUID, began: datetime, ended: datetime, counts: Tally) -> Outage:
    late, held = counts[cohort, LATE_ONES], counts[cohort, HELD_BACK]
    return Outage(cohort_id=cohort, began_at=began, ended_at=ended, late=late, held_back=held)


def _counted(began: datetime, ended: datetime, held_back: Q) -> Tally:
    """Of what has a row: everything that came due meanwhile and still waits."""
    waiting = Message.objects.filter(state__in=(State.DUE, State.CLAIMED))
    touched = waiting.filter(Q(due_at__gt=began, due_at__lte=ended) | held_back)
    rows = touched.order_by().values("enrolment__cohort").annotate(all=Count("pk"), held=Count("pk", filter=held_back))
    found: Tally = Counter()
    for row in rows:
        found[row["enrolment__cohort"], HELD_BACK] = row["held"]
        found[row["enrolment__cohort"], LATE_ONES] = row["all"] - row["held"]
    return +found


def _never_written(began: datetime, ended: datetime) -> Tally:
    """What the planner would have written meanwhile, had it been at work: only a standstill of weeks asks for that."""
    found: Tally = Counter()
    for cohort in with_rules(Cohort.objects.filter(state__in=LIVE)):
        missing, still = _promised(cohort, began, ended), _promised(cohort, ended, None)
        found[cohort.pk, LATE_ONES] = len(missing & still)
        found[cohort.pk, HELD_BACK] = len(missing - still)
    return +found


def _promised(cohort: Cohort, at: datetime, until: datetime | None) -> set[Key]:
    """What that instant's plan would send up to another, and has no row."""
    gathered = gather(cohort, at)
    written = {row.standing.key for row in gathered.rows}
    plan = plan_together(gathered.cohorts, at, gathered.history)
    going = (one for one in plan if one.state == PLANNED and one.enrolment_id in gathered.enrolments)
    return {one.key for one in going if one.key not in written and (until is None or one.due_at <= until)}
