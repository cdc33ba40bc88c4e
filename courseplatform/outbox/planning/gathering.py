"""Everything planning wants to know about one cohort's people, read in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from courseplatform.cohorts.calendar.dates import with_events
from courseplatform.cohorts.calendar.local_time import to_local, to_utc
from courseplatform.cohorts.models import Cohort, Enrolment, GroupMeeting, GroupMembership, Workshop
from courseplatform.outbox.models import BackOff, ExperimentDates, Message
from courseplatform.outbox.planning.planned import CohortRules, OwnExperiment, Person, Recipient, Standing
from courseplatform.outbox.sending.pacing import calendar_of
from courseplatform.people.models import NotificationPreference, User

LIVE = (Cohort.State.ENROLLING, Cohort.State.RUNNING, Cohort.State.COMPLETED)
COUNTS_FOR = timedelta(days=14)  # how long a mail of a cohort that is gone can still matter to the weekly cap
LATE = timedelta(hours=1)  # sent so much after its time, the real time counts
HISTORY = (
    "id", "enrolment_id", "template", "occurrence_key", "channel", "person_id", "kind", "state", "reason",
    "local_at", "tzid", "due_at", "expires_at", "sent_at", "maybe_sent", "answered_at", "dismissed_at",
    "template_version",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A message's row as planning compares it: where it stands, and what may have to change."""

    id: UUID
    standing: Standing
    expires_at: datetime
    template_version: str


@dataclass(frozen=True)
class Gathered:
    """The cohort, the others its people are on, and the rows there are."""

    cohorts: tuple[CohortRules, ...]
    people: dict[UUID, Person]
    back_offs: Mapping[UUID, BackOff]  # of each person the latest
    enrolments: dict[UUID, Enrolment]  # of the one cohort, or the one asked for
    rows: tuple[Row, ...]
    elsewhere: Mapping[UUID, set[UUID]]  # by person: the other cohorts that write to them

    @property
    def history(self) -> list[Standing]:
        return [row.standing for row in self.rows]


def gather(cohort: Cohort, now: datetime, *, only: Enrolment | None = None) -> Gathered:
    """Reads `cohort` with its people, or with one of them; the caps also need what else these people are on."""
    own = Enrolment.objects.filter(cohort=cohort) if only is None else Enrolment.objects.filter(pk=only.pk)
    pairs = own.values_list("person_id", "person__line_manager_id")
    concerned = {person for pair in pairs for person in pair if person}
    enrolments = _enrolments(own, concerned)
    back_offs = _back_offs(concerned)
    people = _people(enrolments, back_offs)
    return Gathered(
        cohorts=_rules(_by_cohort(enrolments), people),
        people=people,
        back_offs=back_offs,
        enrolments={one.pk: one for one in enrolments if one.cohort_id == cohort.pk and only in (None, one)},
        rows=_rows(Q(enrolment__cohort=cohort), concerned, now),
        elsewhere=_elsewhere(enrolments, cohort.pk),
    )


def gather_person(person: User, now: datetime) -> Gathered:
    """Reads what one person is written to about: their own cohorts, and those of the people whose manager they are."""
    own = Enrolment.objects.filter(Q(person=person) | Q(person__line_manager=person), cohort__state__in=LIVE)
    enrolments = _enrolments(own, {person.pk})
    back_offs = _back_offs([person.pk])
    people = _people(enrolments, back_offs)
    return Gathered(
        cohorts=_rules(_by_cohort(enrolments), people),
        people=people,
        back_offs=back_offs,
        enrolments={one.pk: one for one in enrolments},
        rows=_rows(Q(pk__in=()), {person.pk}, now),
        elsewhere={},
    )


def _enrolments(own: QuerySet[Enrolment], concerned: Iterable[UUID]) -> list[Enrolment]:
    theirs = Q(person__in=concerned) | Q(person__line_manager__in=concerned)
    wanted = Enrolment.objects.filter(Q(pk__in=own) | Q(theirs, cohort__state__in=LIVE))
    return list(
        wanted.exclude(state=Enrolment.State.DECLINED)
        .select_related("person__notification_preference", "person__line_manager__notification_preference")
        .order_by("pk")
    )


def _elsewhere(enrolments: Iterable[Enrolment], cohort: UUID) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for one in enrolments:
        if one.cohort_id != cohort:
            for person in filter(None, (one.person_id, one.person.line_manager_id)):
                found[person].add(one.cohort_id)
    return found


def _by_cohort(enrolments: Iterable[Enrolment]) -> dict[Cohort, list[Enrolment]]:
    """Cohorts are read on their own: joined to every enrolment, their calendar would be read as often."""
    ids = {one.cohort_id for one in enrolments}
    cohorts = {cohort.pk: cohort for cohort in with_rules(Cohort.objects.filter(pk__in=ids).order_by("pk"))}
    found: dict[Cohort, list[Enrolment]] = {cohort: [] for cohort in cohorts.values()}
    for enrolment in enrolments:
        enrolment.cohort = cohorts[enrolment.cohort_id]
        found[enrolment.cohort].append(enrolment)
    return found


def with_rules(cohorts: QuerySet[Cohort]) -> QuerySet[Cohort]:
    """With all that their dates and calendar are made of, but not the version's 60 KB, which is read once and kept."""
    read = cohorts.select_related("municipality__calendar_policy", "programme_version")
    return read.defer("programme_version__snapshot")


def _back_offs(people: Iterable[UUID]) -> dict[UUID, BackOff]:
    return {one.person_id: one for one in BackOff.objects.filter(person__in=list(people)).order_by("began_at")}


def _people(enrolments: Iterable[Enrolment], back_offs: Mapping[UUID, BackOff]) -> dict[UUID, Person]:
    users = [user for one in enrolments for user in (one.person, one.person.line_manager) if user]
    return {user.pk: _person(user, back_offs.get(user.pk)) for user in users}


def _person(user: User, back_off: BackOff | None) -> Person:
    wishes = getattr(user, "notification_preference", None) or NotificationPreference()
    return Person(
        id=user.pk,
        email=user.email,
        tzid=user.timezone,
        preferred_time=wishes.preferred_time,
        is_active=user.is_active,
        is_deliverable=bool(user.email) and user.undeliverable_since is None,
        pause_from=wishes.pause_from,
        pause_until=wishes.pause_until,
        muted_classes=frozenset(wishes.muted_classes),
        digest_day=wishes.digest_day if wishes.digest == NotificationPreference.Digest.WEEKLY else None,
        quiet=(to_local(back_off.began_at, user.timezone).date(), back_off.quiet_until) if back_off else None,
    )


def _rules(by_cohort: dict[Cohort, list[Enrolment]], people: dict[UUID, Person]) -> tuple[CohortRules, ...]:
    workshops, meetings = _workshops(by_cohort), _meetings(by_cohort)
    groups, experiments = _groups(by_cohort), _experiments(by_cohort)
    return tuple(
        CohortRules(
            dates=with_events(cohort, workshops[cohort.pk], meetings[cohort.pk]),
            calendar=calendar_of(cohort),
            recipients=tuple(_recipient(one, people, groups, experiments) for one in enrolments),
            state=cohort.state,
        )
        for cohort, enrolments in by_cohort.items()
    )


def _workshops(cohorts: Iterable[Cohort]) -> dict[UUID, list[Workshop]]:
    found = defaultdict(list)
    for workshop in Workshop.objects.filter(cohort__in=list(cohorts)).order_by("starts_at", "pk"):
        found[workshop.cohort_id].append(workshop)
    return found


def _meetings(cohorts: Iterable[Cohort]) -> dict[UUID, list[GroupMeeting]]:
    found = defaultdict(list)
    meetings = GroupMeeting.objects.filter(group__cohort__in=list(cohorts)).select_related("group")
    for meeting in meetings.order_by("group_id", "key"):
        found[meeting.group.cohort_id].append(meeting)
    return found


def _groups(cohorts: Iterable[Cohort]) -> dict[UUID, UUID]:
    current = GroupMembership.objects.filter(group__cohort__in=list(cohorts), left_at__isnull=True)
    return dict(current.values_list("enrolment_id", "group_id"))


def _experiments(cohorts: Iterable[Cohort]) -> dict[UUID, list[OwnExperiment]]:
    found = defaultdict(list)
    for one in ExperimentDates.objects.filter(enrolment__cohort__in=list(cohorts)).order_by("pk"):
        own = OwnExperiment(str(one.object_id), one.round_key, one.starts_on, one.due_on)
        found[one.enrolment_id].append(own)
    return found


def _recipient(
    enrolment: Enrolment,
    people: dict[UUID, Person],
    groups: dict[UUID, UUID],
    experiments: dict[UUID, list[OwnExperiment]],
) -> Recipient:
    manager = enrolment.person.line_manager_id
    return Recipient(
        enrolment_id=enrolment.pk,
        person=people[enrolment.person_id],
        state=enrolment.state,
        activated_at=enrolment.activated_at,
        paused_from=enrolment.paused_from,
        paused_to=enrolment.paused_to,
        group_id=groups.get(enrolment.pk),
        line_manager=people[manager] if manager else None,
        experiments=tuple(experiments[enrolment.pk]),
    )


# --- What already stands ---------------------------------------------------------------------------------------------
def _rows(wanted: Q, concerned: Iterable[UUID], now: datetime) -> tuple[Row, ...]:
    """Two questions in one statement: asked as one with “or”, PostgreSQL reads every message there is."""
    counts = Q(enrolment__cohort__state__in=LIVE) | Q(due_at__gte=now - COUNTS_FOR)
    theirs = Message.objects.filter(counts, person__in=concerned).exclude(wanted)
    both = Message.objects.filter(wanted).values(*HISTORY).union(theirs.values(*HISTORY), all=True)
    return tuple(_row(fields) for fields in both.order_by("id"))


def _row(fields: dict[str, Any]) -> Row:
    planned_at, sent_at = _planned_at(fields), fields["sent_at"]
    is_as_planned = timedelta() <= fields["due_at"] - planned_at <= timedelta(seconds=settings.SEND_SPREAD)
    promised = planned_at if is_as_planned else fields["due_at"]
    standing = Standing(
        key=(fields["enrolment_id"], fields["template"], fields["occurrence_key"], fields["channel"]),
        person_id=fields["person_id"],
        kind=fields["kind"],
        state=fields["state"],
        reason=fields["reason"],
        tzid=fields["tzid"],
        due_at=promised,
        sent_at=sent_at if sent_at and sent_at - promised > LATE else None,
        is_answered=bool(fields["answered_at"] or fields["dismissed_at"]),
        # A sender has put it off: it has the last word.
        is_put_off=fields["state"] == Message.State.DUE and not is_as_planned,
        may_have_gone=bool(sent_at or fields["maybe_sent"]),
    )
    return Row(fields["id"], standing, fields["expires_at"], fields["template_version"])


def _planned_at(fields: dict[str, Any]) -> datetime:
    """The instant that was planned, without the spread."""
    return to_utc(fields["local_at"].astimezone(UTC).replace(tzinfo=None), fields["tzid"])
