from courseplatform.journal.models.agreement import AgreementYes, GroupAgreement
from courseplatform.journal.models.experiment import Experiment, Observation
from courseplatform.journal.models.insight import Insight
from courseplatform.journal.models.meeting import (
    Commitment,
    FacilitatorInvitation,
    MeetingNote,
    MeetingRun,
    MeetingTurn,
)
from courseplatform.journal.models.meeting_date import DateAnswer, DateProposal
from courseplatform.journal.models.peer_question import PeerQuestion
from courseplatform.journal.models.project import InquiryQuestion, Project
from courseplatform.journal.models.reflection import Reflection, ReflectionRevision

__all__ = [
    "AgreementYes",
    "Commitment",
    "DateAnswer",
    "DateProposal",
    "Experiment",
    "FacilitatorInvitation",
    "GroupAgreement",
    "InquiryQuestion",
    "Insight",
    "MeetingNote",
    "MeetingRun",
    "MeetingTurn",
    "Observation",
    "PeerQuestion",
    "Project",
    "Reflection",
    "ReflectionRevision",
]
