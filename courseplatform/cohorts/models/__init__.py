from courseplatform.cohorts.models.calendar_policy import CalendarPolicy
from courseplatform.cohorts.models.cohort import Cohort
from courseplatform.cohorts.models.enrolment import Enrolment, LessonProgress
from courseplatform.cohorts.models.events import Attendance, GroupMeeting, Workshop
from courseplatform.cohorts.models.group import GroupMembership, LearningGroup

__all__ = [
    "Attendance",
    "CalendarPolicy",
    "Cohort",
    "Enrolment",
    "GroupMeeting",
    "GroupMembership",
    "LearningGroup",
    "LessonProgress",
    "Workshop",
]
