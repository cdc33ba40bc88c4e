"""What on a cohort needs HR now and in the next two weeks, each with one thing to do about it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from courseplatform.cohorts.calendar.dates import EventDate
from courseplatform.cohorts.models import Attendance, Cohort, Enrolment, GroupMeeting, LearningGroup, Workshop
from courseplatform.insights.ledger import reading
from courseplatform.insights.overview import Overview
from courseplatform.outbox.models import Message

AHEAD = timedelta(days=14)
Response = Attendance.Response


@dataclass(frozen=True)
class Item:
    """One line. At most one of `at` (an instant), `on` (a day) and `before_week` is given; none of them means now."""

    sentence: str
    url: str
    action: str
    at: datetime | None = None
    on: date | None = None
    before_week: date | None = None


def items(view: Overview) -> list[Item]:
    """Everything that needs HR, what is already here first. One query beyond the overview's."""
    if view.cohort.state in (Cohort.State.COMPLETED, Cohort.State.ARCHIVED, Cohort.State.CANCELLED):
        return []
    found = [*_unreachable(view), *_before_start(view), *_small_groups(view), *_past(view)]
    if view.cohort.state != Cohort.State.DRAFT:
        found += [*_workshops(view), *_messages(view), *_meetings(view)]
    return sorted(found, key=lambda item: _when(item, view))


def _people(view: Overview, **query: str) -> str:
    """The cohort's people, narrowed to some of them."""
    return f"{reverse('cohort', args=[view.cohort.pk])}?{urlencode(query)}#people"


def _when(item: Item, view: Overview) -> datetime:
    """Something to sort by."""
    day = item.before_week or item.on
    if item.at:
        return view.dates.local(item.at)
    return datetime.combine(day, datetime.min.time()) if day else datetime.min


def _unreachable(view: Overview) -> Iterator[Item]:
    people = [person for person in view.seen if person.is_unreachable and person.state not in Enrolment.FINAL]
    if not people:
        return
    sentence = ngettext(
        "%(number)d manager cannot get e-mail: %(names)s.",
        "%(number)d managers cannot get e-mail: %(names)s.",
        len(people),
    ) % {"number": len(people), "names": get_text_list([person.name for person in people], _("and"))}
    if len(people) == 1:
        url = reverse("cohort-person", args=[view.cohort.pk, people[0].enrolment])
    else:
        url = _people(view, vis="uden-mail")
    yield Item(sentence, url, _("See the address"))


def _before_start(view: Overview) -> Iterator[Item]:
    """How many have said yes, from two weeks before the start."""
    cohort, states = view.cohort, Counter(person.state for person in view.seen)
    if cohort.state == Cohort.State.DRAFT:
        yield Item(
            _("The cohort is being set up. Nobody has been told."),
            reverse("cohort-dates", args=[cohort.pk]),
            _("Go on"),
        )
    if cohort.state != Cohort.State.ENROLLING or cohort.starts_on > view.today + AHEAD:
        return
    yes, open_invitations = states[Enrolment.State.ACCEPTED], states[Enrolment.State.INVITED]
    numbers = {"yes": yes, "least": cohort.capacity_min, "open": open_invitations}
    if cohort.start_alert_at:
        sentence = _("The cohort has not started: %(yes)d have said yes, and %(least)d are needed.") % numbers
        yield Item(sentence, _people(view, vis="invited"), _("See who has not answered"))
    else:
        sentence = (
            _("The cohort starts. %(yes)d of at least %(least)d have said yes, %(open)d have not answered.") % numbers
        )
        yield Item(sentence, _people(view, vis="invited"), _("See who has not answered"), on=cohort.starts_on)


def _small_groups(view: Overview) -> Iterator[Item]:
    """Groups that have shrunk below four; they are never merged by themselves (MODEL I3)."""
    sizes = Counter(person.group for person in view.seen if person.group and person.state not in Enrolment.FINAL)
    for name in sorted(group.name for group in view.groups.values()):
        if sizes[name] < LearningGroup.SMALLEST and view.cohort.state == Cohort.State.RUNNING:
            sentence = _("%(group)s has only %(number)d left.") % {"group": name, "number": sizes[name]}
            yield Item(sentence, reverse("cohort-groups", args=[view.cohort.pk]), _("Change the groups"))


def _past(view: Overview) -> Iterator[Item]:
    for event in _scheduled(view):
        if event.ends_at and event.ends_at <= view.now:
            sentence = _("%(title)s is over. Was it held?") % {"title": _title(event, view)}
            yield Item(sentence, reverse("workshop-hr", args=[event.id]), _("Say how it went"))


def _workshops(view: Overview) -> Iterator[Item]:
    for event in _scheduled(view):
        if event.starts_at and view.now < event.starts_at <= view.now + AHEAD:
            answers = _answers(view, event.key)
            missing = answers[Response.NONE]
            url = _people(view, workshop=event.key, svar=Response.NONE.value if missing else "")
            yield Item(_how_many_come(_title(event, view), answers), url, _see(missing), at=event.starts_at)


def _see(missing: int) -> str:
    if not missing:
        return _("See all")
    return ngettext("See the one", "See the %(number)d", missing) % {"number": missing}


def _scheduled(view: Overview) -> list[EventDate]:
    return [event for event in view.dates.workshops if event.state == Workshop.State.SCHEDULED]


def _title(event: EventDate, view: Overview) -> str:
    keys = [workshop.key for workshop in view.dates.programme.workshops]
    return _("Workshop %(number)d") % {"number": keys.index(event.key) + 1}


def _answers(view: Overview, key: str) -> Counter[str]:
    """How many gave each answer, of those who are to come."""
    coming = [person for person in view.seen if person.state in Enrolment.TAKING_PART]
    return Counter(answer.response for person in coming if (answer := person.workshop(key)))


def _how_many_come(title: str, answers: Counter[str]) -> str:
    said = [
        (answers[Response.ACCEPTED], _("%(number)d have said yes")),
        (answers[Response.TENTATIVE], _("%(number)d perhaps")),
        (answers[Response.DECLINED], _("%(number)d cannot come")),
        (answers[Response.NONE], _("%(number)d have not answered")),
    ]
    parts = [words % {"number": number} for number, words in said if number]
    return f"{title}: {get_text_list(parts, _('and'))}." if parts else f"{title}."


def _messages(view: Overview) -> Iterator[Item]:
    """What goes out, by template and day; the rows reach seven days ahead."""
    waiting = reading.shown(view.cohort, view.now).filter(shelf=reading.PLANNED)
    asked = waiting.exclude(kind=Message.Kind.EVENT).annotate(
        day=TruncDate("at", tzinfo=ZoneInfo(view.cohort.municipality.timezone))
    )
    sendings = asked.order_by("day", "template").values_list("template", "kind", "day").annotate(Count("pk"))
    ledger_url = reverse("cohort-messages", args=[view.cohort.pk])
    for template, kind, day, number in sendings:
        url = f"{ledger_url}?{urlencode({'hylde': 'planlagt', 'emne': template})}"
        yield Item(_goes_out(template, kind, number, view), url, _("See to whom"), on=day)


def _goes_out(template: str, kind: str, number: int, view: Overview) -> str:
    prompts = {prompt.key: prompt for prompt in view.dates.programme.prompts}
    prompt = prompts.get(template.removesuffix(".sponsor"))
    words = {"number": number, "text": prompt.text.read(get_language() or "da")[0] if prompt else ""}
    if prompt is None:
        return ngettext("%(number)d gets a message.", "%(number)d get a message.", number) % words
    if kind == Message.Kind.PROMPT:
        return (
            ngettext("%(number)d gets the question “%(text)s”", "%(number)d get the question “%(text)s”", number)
            % words
        )
    return ngettext("%(number)d gets the message “%(text)s”", "%(number)d get the message “%(text)s”", number) % words


def _meetings(view: Overview) -> Iterator[Item]:
    """Groups without a day, one line a meeting, until the week it should be held in is over."""
    without: dict[str, list[str]] = defaultdict(list)
    for event in view.dates.meetings:
        if event.state == GroupMeeting.State.PROPOSED and event.group_id in view.groups:
            without[event.key].append(view.groups[event.group_id].name)
    for number, meeting in enumerate(view.dates.programme.group_meetings, start=1):
        week = view.dates.day(meeting.week)
        if without[meeting.key] and view.today - timedelta(days=6) <= week <= view.today + timedelta(days=21):
            names = get_text_list(sorted(without[meeting.key]), _("and"))
            sentence = ngettext(
                "%(names)s has no day for meeting %(meeting)d.",
                "%(names)s have no day for meeting %(meeting)d.",
                len(without[meeting.key]),
            ) % {"names": names, "meeting": number}
            yield Item(
                sentence, reverse("cohort", args=[view.cohort.pk]) + "#groups", _("See the groups"), before_week=week
            )
