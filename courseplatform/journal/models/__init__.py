from courseplatform.journal.models.agreement import AgreementYes, GroupAgreement
from courseplatform.journal.models.meeting import (
    Commitment,
    FacilitatorInvitation,
    MeetingNote,
    MeetingRun,
    MeetingTurn,
)
from courseplatform.journal.models.meeting_date import DateAnswer, DateProposal
from courseplatform.journal.models.reflection import Reflection, ReflectionRevision

__all__ = [
    "AgreementYes",
    "Commitment",
    "DateAnswer",
    "DateProposal",
    "FacilitatorInvitation",
    "GroupAgreement",
    "MeetingNote",
    "MeetingRun",
    "MeetingTurn",
    "Reflection",
    "ReflectionRevision",
]
