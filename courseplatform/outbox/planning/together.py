"""From rules and dates to messages: a pure function, so it can be tested slowly and shown before anything is saved.

`occasions` says when a rule asks, this file to whom and why not, `capping` which of a person's mails find a place.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain

from courseplatform.cohorts.calendar.dates import CohortDates
from courseplatform.cohorts.calendar.local_time import to_local, to_utc
from courseplatform.cohorts.calendar.policy import Calendar
from courseplatform.outbox.planning.alike import Situation, situations
from courseplatform.outbox.planning.capping import placed
from courseplatform.outbox.planning.cases import SPONSOR, Case, Part, cases_of
from courseplatform.outbox.planning.catching_up import after_a_pause, in_time, sponsor_joins, welcomed
from courseplatform.outbox.planning.eligibility import obstacle, pauses
from courseplatform.outbox.planning.occasions import Occasion, occasions
from courseplatform.outbox.planning.planned import (
    Candidate,
    CohortRules,
    Person,
    Planned,
    Recipient,
    Standing,
)
from courseplatform.outbox.planning.weekly import on_a_chosen_day


def planned_messages(
    dates: CohortDates,
    calendar: Calendar,
    recipients: Iterable[Recipient],
    now: datetime,
    history: Iterable[Standing] = (),
) -> tuple[Planned, ...]:
    """Every message of one running cohort, as if its people were on no other; sorted by time."""
    return plan_together([CohortRules(dates, calendar, tuple(recipients))], now, history)


def plan_together(
    cohorts: Sequence[CohortRules], now: datetime, history: Iterable[Standing] = (), *, one_by_one: bool = False
) -> tuple[Planned, ...]:
    """Every message of these cohorts, made or not, sorted by time. What already stands in `history` stays as it is.

    The cap counts across cohorts (MODEL P5), so give all cohorts these people are on. People in the same situation are
    planned once; `one_by_one` is the slow way to the same result.
    """
    if one_by_one:
        plans: Iterable[Iterable[Planned]] = map(_planning(cohorts, now), _cases(cohorts, history))
    else:
        plans = (plan for one in plan_by_situation(cohorts, now, history) for plan in one.plans())
    return tuple(sorted(chain.from_iterable(plans), key=lambda one: one.order))


def plan_by_situation(
    cohorts: Sequence[CohortRules], now: datetime, history: Iterable[Standing] = ()
) -> list[Situation]:
    """The same, not yet written out for everybody in a situation."""
    return situations(_cases(cohorts, history), cohorts, _planning(cohorts, now), now)


def _cases(cohorts: Sequence[CohortRules], history: Iterable[Standing]) -> list[Case]:
    return cases_of(cohorts, {row.key: row for row in history}.values())


def _planning(cohorts: Sequence[CohortRules], now: datetime) -> Callable[[Case], Iterator[Planned]]:
    asked = [occasions(rules) for rules in cohorts]
    return lambda case: placed(list(_candidates(case, cohorts, asked, now)), case.own_rows, now)


def _candidates(
    case: Case, cohorts: Sequence[CohortRules], asked: Sequence[Sequence[Occasion]], now: datetime
) -> Iterator[Candidate]:
    """What the rules ask for, with the reasons that lie with the person; places come later."""
    standing = {row.key: row for row in case.rows}
    for part in case.parts:
        rules, recipient = cohorts[part.cohort], part.recipient
        concerned = [one for one in asked[part.cohort] if one.anchor.concerns(recipient)]
        batch = _for_sponsor(concerned, recipient, rules, now) if part.is_sponsor else _own(concerned, part, rules, now)
        in_weekly_mails = [on_a_chosen_day(one, standing.get(one.message.key), now) for one in batch]
        yield from in_time(after_a_pause(in_weekly_mails), standing, now)


def _own(concerned: list[Occasion], part: Part, rules: CohortRules, now: datetime) -> list[Candidate]:
    recipient = part.recipient
    return welcomed([_candidate(one, recipient, recipient.person, rules, now) for one in concerned], recipient, rules)


def _for_sponsor(concerned: list[Occasion], recipient: Recipient, rules: CohortRules, now: datetime) -> list[Candidate]:
    sponsored = [one for one in concerned if one.prompt.audience == "participant+sponsor"]
    return sponsor_joins([_to_sponsor(one, recipient, rules, now) for one in sponsored], recipient, rules)


def _to_sponsor(occasion: Occasion, recipient: Recipient, rules: CohortRules, now: datetime) -> Candidate:
    """The line manager's own message. Without a line manager at work it stands there with that reason."""
    sponsor = recipient.line_manager
    if sponsor and sponsor.is_active:
        return _candidate(occasion, recipient, sponsor, rules, now, SPONSOR)
    return _candidate(occasion, recipient, recipient.person, rules, now, SPONSOR).held_back("no_line_manager")


def _candidate(
    occasion: Occasion, recipient: Recipient, person: Person, rules: CohortRules, now: datetime, suffix: str = ""
) -> Candidate:
    template, event = occasion.prompt.key + suffix, occasion.anchor.event
    local_at = rules.calendar.slot(occasion.day, person.preferred_time)
    if local_at is None:
        raise ValueError(f"{occasion.day} has no send window.")
    due_at = to_utc(local_at, person.tzid)
    reason = occasion.anchor.reason or obstacle(occasion, recipient, person, rules)
    message = Planned(
        person_id=person.id,
        enrolment_id=recipient.enrolment_id,
        template=template,
        message_class=occasion.prompt.message_class.value,
        occurrence_key=f"{occasion.base_key}:{template}:0",
        local_at=local_at,
        tzid=person.tzid,
        due_at=due_at,
        expires_at=due_at,
        event_id=event.id if event else None,
        is_about_meeting=occasion.anchor.is_meeting,
    )
    candidate = Candidate(
        message=message,
        person=person,
        calendar=rules.calendar,
        nominal=occasion.nominal,
        useless_from=occasion.useless_from,
        remind_after_workdays=occasion.prompt.remind_after_workdays,
        catches_up=occasion.prompt.late == "catch_up",
        waits_out_breaks=occasion.waits_out_breaks,
        pauses=pauses(occasion, recipient, person, to_local(now, person.tzid).date()),
    ).at(local_at)
    return candidate.held_back(reason) if reason else candidate
