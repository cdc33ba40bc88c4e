"""Workshops and group meetings as iCalendar, in the form that Outlook shows with answer buttons (MODEL §7, I13)."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.cohorts.models import Cohort, GroupMeeting, Workshop
from courseplatform.outbox.models import Message
from courseplatform.outbox.writing.event_templates import CANCELS
from courseplatform.outbox.writing.letters import absolute
from courseplatform.outbox.writing.topics import event_title, workshop_title
from lessons.versions import programme

COPENHAGEN = "Europe/Copenhagen"
STATUS = {"REQUEST": "CONFIRMED", "CANCEL": "CANCELLED"}


def method_of(message: Message) -> str:
    """REQUEST puts an entry into the recipient's calendar or moves it, CANCEL takes it out again."""
    return "CANCEL" if message.template in CANCELS else "REQUEST"


def entry(message: Message, now: datetime) -> bytes:
    """For the message's recipient alone: any other attendee and Outlook hides the answer buttons."""
    method = method_of(message)
    return _calendar(method, [_invited(message, now, status=STATUS[method])], _zone_of(message.enrolment.cohort))


def calendar_file(workshop: Workshop) -> bytes:
    """The workshop as a file to put into any calendar (METHOD:PUBLISH), in the active language."""
    tzid = _zone_of(workshop.cohort)
    return published([published_workshop(workshop, tzid)], tzid)


def published(entries: list[Event], tzid: str) -> bytes:
    """Entries to read only (METHOD:PUBLISH), all of them in that zone."""
    return _calendar("PUBLISH", entries, tzid)


def published_workshop(workshop: Workshop, tzid: str) -> Event:
    """When and where, and whether it is off. Raises ValueError when it has no time."""
    title = workshop_title(workshop, programme(workshop.cohort.programme_version.digest))
    return _published(_event(workshop, title, _page_of(workshop), workshop.updated_at, tzid), workshop)


def published_meeting(meeting: GroupMeeting, tzid: str) -> Event:
    """The same for a group meeting; nothing about the group. Raises ValueError when it has no time."""
    title = _("Your learning group meets")
    return _published(_event(meeting, title, _page_of(meeting), meeting.updated_at, tzid), meeting)


def _published(entry: Event, event: Workshop | GroupMeeting) -> Event:
    entry.add("status", "CANCELLED" if event.state == event.State.CANCELLED else "CONFIRMED")
    return entry


def _invited(message: Message, now: datetime, *, status: str) -> Event:
    happens, cohort, person = message.workshop or message.meeting, message.enrolment.cohort, message.person
    if happens is None:
        raise ValueError("A calendar message without its event.")
    event = _event(happens, event_title(message), _page_of(happens), now, _zone_of(cohort))
    event.add("status", status)
    event.add("organizer", _address(cohort.mailbox, CN=cohort.name))
    answer = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    event.add("attendee", _address(person.email, CN=person.display_name, **answer))
    return event


def _page_of(event: Workshop | GroupMeeting) -> str:
    is_workshop = isinstance(event, Workshop)
    return absolute(reverse("workshop", args=[event.pk]) if is_workshop else reverse("group"))


def _zone_of(cohort: Cohort) -> str:
    return cohort.municipality.timezone


def _event(event: Workshop | GroupMeeting, title: str, page: str, now: datetime, tzid: str) -> Event:
    if event.starts_at is None or event.ends_at is None:
        raise ValueError("What has no time has no place in a calendar.")
    entry = Event()
    entry.add("uid", event.ics_uid)
    entry.add("sequence", event.ics_sequence)
    entry.add("dtstamp", now.astimezone(UTC))
    entry.add("dtstart", to_local(event.starts_at, tzid), parameters={"TZID": tzid})
    entry.add("dtend", to_local(event.ends_at, tzid), parameters={"TZID": tzid})
    entry.add("summary", title)
    entry.add("location", event.place or event.link)
    entry.add("description", page)
    entry.add("url", page)
    return entry


def _calendar(method: str, entries: list[Event], tzid: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Courseplatform//DA")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_zone(tzid))
    for entry in entries:
        calendar.add_component(entry)
    return bytes(calendar.to_ical())


@cache
def _zone(tzid: str) -> Timezone:
    """Some calendars know nothing of zone names, so each entry brings its zone along."""
    return _copenhagen() if tzid == COPENHAGEN else Timezone.from_tzid(tzid)


def _copenhagen() -> Timezone:
    """By its two yearly rules, which go on for ever (MODEL “Calendar mail”)."""
    zone = Timezone()
    zone.add("tzid", COPENHAGEN)
    zone.add_component(_rule(TimezoneDaylight(), "CEST", 3, 2, from_hours=1, to_hours=2))
    zone.add_component(_rule(TimezoneStandard(), "CET", 10, 3, from_hours=2, to_hours=1))
    return zone


def _rule(part: Any, name: str, month: int, hour: int, *, from_hours: int, to_hours: int) -> Any:
    last_sunday = {3: 29, 10: 25}[month]  # in 1970, where both rules are said to begin
    part.add("dtstart", datetime(1970, month, last_sunday, hour))
    part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
    part.add("tzoffsetfrom", timedelta(hours=from_hours))
    part.add("tzoffsetto", timedelta(hours=to_hours))
    part.add("tzname", name)
    return part


def _address(email: str, **parameters: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    for name, value in parameters.items():
        address.params[name] = vText(value)
    return address
