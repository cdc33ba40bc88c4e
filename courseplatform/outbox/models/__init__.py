from courseplatform.outbox.models.back_off import BackOff
from courseplatform.outbox.models.calendar_feed import CalendarFeed
from courseplatform.outbox.models.claim import Claim, Pulse
from courseplatform.outbox.models.delivery_count import DeliveryCount
from courseplatform.outbox.models.experiment_dates import ExperimentDates
from courseplatform.outbox.models.incoming import IncomingMail
from courseplatform.outbox.models.message import Message, WeeklyCount
from courseplatform.outbox.models.outage import Outage
from courseplatform.outbox.models.planning_turn import PlanningRequest, PlanningTurn
from courseplatform.outbox.models.relay import Relay

__all__ = [
    "BackOff",
    "CalendarFeed",
    "Claim",
    "DeliveryCount",
    "ExperimentDates",
    "IncomingMail",
    "Message",
    "Outage",
    "PlanningRequest",
    "PlanningTurn",
    "Pulse",
    "Relay",
    "WeeklyCount",
]
