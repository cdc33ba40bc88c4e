from courseplatform.people.models.audit import AuditEvent
from courseplatform.people.models.data_request import DataRequest
from courseplatform.people.models.keys import PersonKey
from courseplatform.people.models.municipality import Municipality, OrgUnit
from courseplatform.people.models.person import NotificationPreference, RoleAssignment, User
from courseplatform.people.models.tombstone import Tombstone

__all__ = [
    "AuditEvent",
    "DataRequest",
    "Municipality",
    "NotificationPreference",
    "OrgUnit",
    "PersonKey",
    "RoleAssignment",
    "Tombstone",
    "User",
]
