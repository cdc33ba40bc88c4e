from courseplatform.cohorts.models.calendar_policy import CalendarPolicy
from courseplatform.cohorts.models.check_in import AttendanceNote, CheckIn
from courseplatform.cohorts.models.cohort import Cohort
from courseplatform.cohorts.models.enrolment import Enrolment, LessonProgress
from courseplatform.cohorts.models.events import Attendance, GroupMeeting, Workshop
from courseplatform.cohorts.models.group import GroupMembership, LearningGroup
from courseplatform.cohorts.models.look import Material, WorkshopLook
from courseplatform.cohorts.models.seat import Substitution

__all__ = [
    "Attendance",
    "AttendanceNote",
    "CalendarPolicy",
    "CheckIn",
    "Cohort",
    "Enrolment",
    "GroupMeeting",
    "GroupMembership",
    "LearningGroup",
    "LessonProgress",
    "Material",
    "Substitution",
    "Workshop",
    "WorkshopLook",
]
