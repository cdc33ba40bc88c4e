"""A new time asks everybody again. What they said to the old one is set aside, and counts again at that time."""

from datetime import datetime

from django.db.models import Case, F, Q, QuerySet, Value, When

from courseplatform.cohorts.models import Attendance

Response = Attendance.Response
Times = tuple[datetime | None, datetime | None]  # of an event: when it starts and ends


def ask_again(answers: QuerySet[Attendance], old: Times, new: Times, now: datetime) -> None:
    """One event's answers after its move. Nobody loses theirs, or the seat it got them, to a move that is taken back.

    Whoever has said nothing to the old time keeps what they said to an earlier one.
    """
    is_back = Q(earlier_starts_at=new[0], earlier_ends_at=new[1])
    blank = {"response": Value(Response.NONE), "responded_at": None, "seat_given_at": None}
    counts = {name: Case(When(is_back, then=F(f"earlier_{name}")), default=blank[name]) for name in blank}
    said: dict[str, F | Value] = {f"earlier_{name}": F(name) for name in blank}
    said |= {"earlier_starts_at": Value(old[0]), "earlier_ends_at": Value(old[1])}
    is_said = is_back | ~Q(response=Response.NONE)
    set_aside = {name: Case(When(is_said, then=value), default=F(name)) for name, value in said.items()}
    answers.update(**counts, **set_aside, updated_at=now)  # each from what stood before
