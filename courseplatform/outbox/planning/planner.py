"""Keeps the messages of the coming week as rows, and true to what they follow from. Safe to run at any time, twice.

Cost follows what is due: a pass looks only at cohorts whose turn has come (`turns`), each in its own transaction.
"""

import logging
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from django.db import transaction

from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.cohorts.transitions import cohort as cohorts
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning import turns
from courseplatform.outbox.planning.cohort_plan import CohortPlan
from courseplatform.outbox.planning.gathering import LIVE, Gathered, gather, with_rules
from courseplatform.outbox.planning.horizon import next_look
from courseplatform.outbox.planning.invitations import plan_invitations
from courseplatform.outbox.planning.rows import Writing
from courseplatform.outbox.planning.together import plan_by_situation
from courseplatform.outbox.planning.turns import touch
from courseplatform.outbox.reading import back_off
from courseplatform.outbox.sending.pacing import calendar_of
from lessons.versions import programme

__all__ = ["plan", "plan_enrolment", "replan", "touch"]

log = logging.getLogger(__name__)
AFTER_THE_END = timedelta(days=120)  # MODEL I12; later than that nothing is planned any more
ONE_PASS = 40  # seconds after which a pass takes no further cohort; the next one goes on
MOST = 500  # cohorts a pass


def plan(now: datetime) -> int:
    """One pass over the cohorts whose turn has come. Returns how many rows changed.

    One that cannot be planned does not stop the others: it is tried again later and stands there for an operator.
    """
    began, changed = monotonic(), 0
    for cohort in turns.due(now, most=MOST):
        changed += _take_turn(cohort, now)
        if monotonic() - began > ONE_PASS:
            break
    return changed


def replan(cohort: Cohort, now: datetime) -> int:
    """One cohort at once: after a move, a cancellation, a change of rules that somebody is watching."""
    return _replan(cohort.pk, now)


def plan_enrolment(enrolment: Enrolment, now: datetime) -> int:
    """The same for one person on one cohort: somebody joined, paused, came back or left."""
    return _replan(enrolment.cohort_id, now, only=enrolment)


@transaction.atomic
def _replan(cohort_id: UUID, now: datetime, *, only: Enrolment | None = None) -> int:
    turns.take(cohort_id)
    return _planned(_read(cohort_id), now, only=only, tells_others=True)[0]


# --- One turn --------------------------------------------------------------------------------------------------------
def _take_turn(cohort: UUID, now: datetime) -> int:
    try:
        with transaction.atomic():
            return _turn(cohort, now)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one cohort, the others go on
        log.error("Cohort %s cannot be planned: %s", cohort, type(error).__name__)
        turns.put_off(cohort, now, error)
        return 0


def _turn(cohort_id: UUID, now: datetime) -> int:
    """What time and changes have made of one cohort. Does nothing when another planner is at it."""
    if not turns.take(cohort_id, waits=False):
        turns.forget_if_gone(cohort_id)
        return 0
    asked = turns.requests(cohort_id)
    cohort = _read(cohort_id)
    cohorts.start_if_due(cohort, now)
    enrolments.resume_due(cohort, now)
    asked += turns.requests(cohort_id)
    cohort = _read(cohort_id)
    changed = plan_invitations(cohort, now)
    plan_at = next_look(cohort, now)
    if _may_write(cohort, now):
        rows, gathered, its_plan = _planned(cohort, now, tells_others=bool(asked))
        changed, plan_at = changed + rows, next_look(cohort, now, gathered, its_plan)
    turns.finish(cohort_id, plan_at, now, asked=asked)
    return changed


def _read(cohort_id: UUID) -> Cohort:
    return with_rules(Cohort.objects.all()).get(pk=cohort_id)


def _may_write(cohort: Cohort, now: datetime) -> bool:
    if cohort.state not in LIVE:
        return Message.objects.filter(enrolment__cohort=cohort, state=Message.State.DUE).exists()
    weeks = timedelta(weeks=programme(cohort.programme_version.digest).length_weeks)
    return cohort.state != Cohort.State.COMPLETED or now.date() <= cohort.starts_on + weeks + AFTER_THE_END


def _planned(
    cohort: Cohort, now: datetime, *, tells_others: bool, only: Enrolment | None = None
) -> tuple[int, Gathered, CohortPlan]:
    """Plans and writes. Returns how many rows changed, and from what and to what it planned."""
    gathered = gather(cohort, now, only=only)
    if only is None and back_off.look(cohort, gathered, now):
        gathered = gather(cohort, now)
    found = plan_by_situation(gathered.cohorts, now, gathered.history)
    its_plan = CohortPlan(found, gathered.enrolments.keys())
    writing = Writing(cohort, gathered, its_plan, calendar_of(cohort), now)
    changed = writing.write()
    if tells_others:
        # Their places in the week are shared with what they get from other cohorts (MODEL P5).
        touch(pk for person in writing.people for pk in gathered.elsewhere.get(person, ()))
    return changed, gathered, its_plan
