"""Our own templates for calendar mail: which of them put an entry into a calendar, and which take it out."""

CANCELLATION = "cancellation"  # for an event that is off; nothing of the event stops it
INVITATION = "invitation"
MOVED = "moved"  # for who may have heard of another time or place
SEAT = "seat"  # for a colleague who comes in somebody's place
SEAT_BACK = "seat_back"  # for a participant whose seat came back
SEAT_FREE = "seat_free"  # for the next on the waiting list
SEAT_GIVEN = "seat_given"  # for a participant who sent a colleague
SEAT_LOST = "seat_lost"  # for a colleague who has the seat no longer
COHORT_LEFT = "cohort_left"  # for who is no longer on the cohort, about its workshops and their group's meetings
GROUP_LEFT = "group_left"  # for who is no longer in the group that meets

REQUESTS = (INVITATION, MOVED, SEAT, SEAT_BACK, SEAT_FREE)
CANCELS = (CANCELLATION, SEAT_GIVEN, SEAT_LOST, GROUP_LEFT, COHORT_LEFT)
