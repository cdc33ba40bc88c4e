"""Every allowed change of state, one named function each (MODEL §3). What is not here does not happen.

All are guarded in the database, take `now` (aware), and raise Refusal with a sentence for the person otherwise.
"""

from courseplatform.cohorts.transitions import cohort, enrolment, group, lesson, meeting, workshop

__all__ = ["cohort", "enrolment", "group", "lesson", "meeting", "workshop"]
