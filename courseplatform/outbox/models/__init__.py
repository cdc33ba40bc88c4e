from courseplatform.outbox.models.claim import Claim, Pulse
from courseplatform.outbox.models.message import Message, WeeklyCount

__all__ = ["Claim", "Message", "Pulse", "WeeklyCount"]
