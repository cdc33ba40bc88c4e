"""When an experiment would naturally take place: inside a round of the cohort's version (MODEL §2, I15)."""

from datetime import date, timedelta

from courseplatform.cohorts.calendar.dates import FRIDAY, CohortDates
from lessons.shape import ExperimentRound

LONGEST = timedelta(days=21)
USUAL = timedelta(days=18)  # from a Monday to the Friday of the third week


def round_on(dates: CohortDates, day: date) -> ExperimentRound | None:
    """The round that day lies in."""
    week = dates.week_of(day)
    rounds = dates.programme.experiment_rounds
    return next((one for one in rounds if one.start_week <= week <= one.end_week), None)


def proposed_days(dates: CohortDates, today: date) -> tuple[date, date]:
    """First and last day: from the coming Monday, or the next round's first, to the third Friday after at most."""
    monday = today + timedelta(days=7 - today.weekday())
    coming = [one for one in dates.programme.experiment_rounds if dates.day(one.end_week, FRIDAY) > monday]
    if not coming:
        return monday, monday + USUAL
    nearest = min(coming, key=lambda one: one.start_week)
    start = max(monday, dates.day(nearest.start_week))
    return start, min(start + USUAL, dates.day(nearest.end_week, FRIDAY))
