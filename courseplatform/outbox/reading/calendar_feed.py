"""A person's own calendar to subscribe to: their workshops and group meetings, read-only (MODEL §7 “feed”).

The address is the key, so it holds when and where and nothing else: no names, no group's words, no reflections. Nothing
secret is stored: the address follows from our key, the person and a number that “a new address” raises.
"""

from base64 import b32encode
from uuid import UUID

from django.db.models import F, Q
from django.utils.crypto import constant_time_compare, salted_hmac

from courseplatform.cohorts.models import Cohort, Enrolment, GroupMeeting, Substitution, Workshop
from courseplatform.outbox.models import CalendarFeed
from courseplatform.outbox.writing import itip
from courseplatform.people.models import User

SALT = "courseplatform.outbox.reading.calendar_feed"
PROOF = 24  # characters of base32: 120 bits
OVER = (Cohort.State.CANCELLED, Cohort.State.ARCHIVED)


def token_of(person: User) -> str:
    """What stands in the address of the person's calendar; empty where they have none."""
    feed = CalendarFeed.objects.filter(person=person, is_on=True).first()
    return f"{person.pk.hex}{_proof(feed)}" if feed else ""


def renew(person: User) -> None:
    """Gives the person a calendar, or another address for it: the one before finds nothing from then on."""
    CalendarFeed.objects.get_or_create(person=person)
    CalendarFeed.objects.filter(person=person).update(turn=F("turn") + 1, is_on=True)


def stop(person: User) -> None:
    """No calendar any more, at no address. Safe to repeat."""
    CalendarFeed.objects.filter(person=person).update(is_on=False)


def person_behind(token: str) -> User | None:
    """Whose calendar it is; None for an address we did not make, one that was replaced, and somebody who has left."""
    name, proof = token[:32], token[32:]
    try:
        person = UUID(hex=name)
    except ValueError:
        return None
    feed = CalendarFeed.objects.select_related("person__municipality").filter(person=person, is_on=True).first()
    if feed is None or not feed.person.is_active or not constant_time_compare(proof, _proof(feed)):
        return None
    return feed.person


def file_of(person: User) -> bytes:
    """Everything with a day, cancelled ones as cancelled. In the active language; two queries."""
    tzid = person.timezone
    workshops = [itip.published_workshop(one, tzid) for one in _workshops(person)]
    meetings = [itip.published_meeting(one, tzid) for one in _meetings(person)]
    return itip.published([*workshops, *meetings], tzid)


def _workshops(person: User) -> list[Workshop]:
    """Where the person has a seat: their own, if no colleague has it, and those of others they come instead of."""
    own = Enrolment.objects.of(person).taking_part()
    lent = Substitution.objects.standing().filter(enrolment__in=own).values("workshop")
    held = Substitution.objects.held_by(person).values("workshop")
    theirs = (Q(cohort__in=own.values("cohort")) & ~Q(pk__in=lent)) | Q(pk__in=held)
    known = Workshop.objects.filter(theirs, starts_at__isnull=False).exclude(cohort__state__in=OVER)
    known = known.exclude(state=Workshop.State.DRAFT).select_related(
        "cohort__municipality", "cohort__programme_version"
    )
    return list(known.defer("cohort__programme_version__snapshot").order_by("starts_at"))


def _meetings(person: User) -> list[GroupMeeting]:
    own = Enrolment.objects.of(person).taking_part()
    known = GroupMeeting.objects.filter(
        group__memberships__enrolment__in=own, group__memberships__left_at=None, starts_at__isnull=False
    )
    known = known.exclude(group__cohort__state__in=OVER).select_related("group__cohort__municipality")
    return list(known.order_by("starts_at"))


def _proof(feed: CalendarFeed) -> str:
    digest = salted_hmac(SALT, f"{feed.person_id}:{feed.turn}", algorithm="sha256").digest()
    return b32encode(digest).decode().lower()[:PROOF]
