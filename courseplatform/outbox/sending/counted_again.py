"""Mails that may have gone out although this database does not know it take their place in the week (MODEL P5)."""

from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.outbox.models import Message, WeeklyCount
from courseplatform.outbox.sending.pacing import COUNTED

Week = tuple[UUID, int, int]  # person, ISO year and week


def count_as_sent(messages: QuerySet[Message]) -> None:
    """One mail a person and day, at the time it was due: rather one too many, and never a third one a week."""
    found = _mails(messages)
    people = Q(person__in={person for person, _year, _week in found})
    known = {(one.person_id, one.iso_year, one.iso_week): one for one in WeeklyCount.objects.filter(people)}
    counts = [_raised(known.get(week), week, list(mails.values())) for week, mails in found.items()]
    WeeklyCount.objects.bulk_create(
        counts,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["person", "iso_year", "iso_week"],
        update_fields=["mails", "last_at"],
    )


def _mails(messages: QuerySet[Message]) -> dict[Week, dict[date, datetime]]:
    """Two of the same day travel in one mail (MODEL P6)."""
    counted = messages.filter(kind__in=COUNTED, channel=Message.Channel.EMAIL).order_by("due_at")
    found: dict[Week, dict[date, datetime]] = defaultdict(dict)
    for person, due_at, tzid in counted.values_list("person_id", "due_at", "tzid"):
        day = to_local(due_at, tzid).date()
        found[person, *day.isocalendar()[:2]][day] = due_at
    return found


def _raised(known: WeeklyCount | None, week: Week, mails: list[datetime]) -> WeeklyCount:
    person, iso_year, iso_week = week
    last_at = max([*mails, *([known.last_at] if known else [])])
    number = len(mails) + (known.mails if known else 0)
    return WeeklyCount(person_id=person, iso_year=iso_year, iso_week=iso_week, mails=number, last_at=last_at)
