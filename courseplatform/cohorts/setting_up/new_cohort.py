"""A new cohort with all its dates as drafts. Nothing here sends anything; HR's later steps do (`transitions`)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.calendar.dates import resolve
from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.cohorts.models import Cohort, Enrolment, GroupMeeting, LearningGroup, Workshop
from courseplatform.cohorts.setting_up.grouping import propose_groups
from courseplatform.cohorts.transitions import group as groups
from courseplatform.people.models import Municipality, User
from courseplatform.people.refusals import Refusal
from lessons import shape
from lessons.models import ProgrammeVersion
from lessons.versions import programme


@transaction.atomic
def create_cohort(
    version: ProgrammeVersion,
    *,
    name: str,
    starts_on: date,
    municipality: Municipality,
    owner_hr: User,
    facilitators: Sequence[User],
    capacity: tuple[int, int],
    by: User | None,
    now: datetime,
    backfill_reason: str = "",
    is_demo: bool = False,
    pk: UUID | None = None,
) -> Cohort:
    """A draft with each workshop drafted on its nominal date, without a place. IntegrityError if `pk` is taken.

    `capacity` is (fewest, most). Raises Refusal when `starts_on` is not a Monday, or has passed and no
    `backfill_reason` is given (MODEL §10), and without a facilitator.
    """
    today = to_local(now, municipality.timezone).date()
    if obstacle := obstacle_to_start_on(starts_on, today, backfill_reason):
        raise Refusal(obstacle)
    if not facilitators:
        raise Refusal(_("A cohort has at least one facilitator."))
    cohort = Cohort.objects.create(
        pk=pk or uuid4(),
        municipality=municipality,
        programme_version=version,
        name=name,
        starts_on=starts_on,
        owner_hr=owner_hr,
        capacity_min=capacity[0],
        capacity_max=capacity[1],
        backfill_reason=backfill_reason,
        is_demo=is_demo,
        created_by=by,
    )
    cohort.facilitators.set(facilitators)
    draft_workshops(cohort, by=by)
    return cohort


@transaction.atomic
def revise(
    cohort: Cohort,
    *,
    version: ProgrammeVersion,
    name: str,
    starts_on: date,
    facilitators: Sequence[User],
    capacity: tuple[int, int],
    backfill_reason: str,
    by: User | None,
    now: datetime,
) -> None:
    """Change a draft. Another version or first day drafts the workshops anew; otherwise they stay as HR left them.

    Raises Refusal when the cohort is no draft any more, and when a facilitator has been invited to take part.
    """
    is_redated = (cohort.programme_version_id, cohort.starts_on) != (version.pk, starts_on)
    draft = Cohort.objects.filter(pk=cohort.pk, state=Cohort.State.DRAFT)
    fields = {"programme_version": version, "name": name, "starts_on": starts_on, "backfill_reason": backfill_reason}
    if not draft.update(capacity_min=capacity[0], capacity_max=capacity[1], updated_at=now, **fields):
        raise Refusal(_("The dates are planned. Move each workshop instead."), state=cohort.get_state_display())
    if cohort.enrolments.open().filter(person__in=facilitators).exists():
        raise Refusal(_("A facilitator of a cohort cannot take part in it."), state=cohort.get_state_display())
    cohort.refresh_from_db()
    cohort.facilitators.set(facilitators)
    if is_redated:
        cohort.workshops.all().delete()
        draft_workshops(cohort, by=by)


def uninvite(enrolment: Enrolment) -> None:
    """Take somebody off a cohort before anybody was told. Raises Refusal once enrolment has opened."""
    untold = [Cohort.State.DRAFT, Cohort.State.PLANNED]
    invited = Enrolment.objects.filter(pk=enrolment.pk, state=Enrolment.State.INVITED, cohort__state__in=untold)
    if not invited.delete()[0]:
        raise Refusal(_("The invitation has been sent."), state=enrolment.get_state_display())


def obstacle_to_start_on(starts_on: date, today: date, backfill_reason: str = "") -> object | None:
    """What is wrong with a start date, as a sentence; None when nothing is."""
    if starts_on.isoweekday() != 1:
        return _("A cohort starts on a Monday.")
    if starts_on < today and not backfill_reason.strip():
        return _("That Monday has passed. Say why, if the cohort is entered afterwards.")
    return None


def suggested_start(nominal: shape.NominalStart, today: date) -> date:
    """The next Monday of the programme's usual ISO week, at least four weeks away."""
    earliest = today + timedelta(weeks=4)
    this_year = date.fromisocalendar(today.isocalendar().year, nominal.iso_week, 1)
    next_year = date.fromisocalendar(today.isocalendar().year + 1, nominal.iso_week, 1)
    return this_year if this_year >= earliest else next_year


def draft_workshops(cohort: Cohort, *, by: User | None, keys: Collection[str] | None = None) -> None:
    """One draft for each of the version's workshops, or of those with these keys, on its nominal date."""
    nominal = resolve(programme(cohort.programme_version.digest), cohort.starts_on, cohort.municipality.timezone)
    for event in (one for one in nominal.workshops if keys is None or one.key in keys):
        Workshop.objects.create(
            cohort=cohort,
            key=event.key,
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            ics_uid=new_uid(cohort.municipality),
            created_by=by,
        )


def new_uid(municipality: Municipality) -> str:
    """A calendar UID that no event has had before (MODEL I13)."""
    return f"{uuid4()}@{municipality.mail_domain}"


@transaction.atomic
def make_group(cohort: Cohort, name: str, *, by: User | None) -> LearningGroup:
    """An empty group that is forming, with each of the version's meetings proposed, still without a day."""
    group = LearningGroup.objects.create(cohort=cohort, name=name, created_by=by)
    for planned in programme(cohort.programme_version.digest).group_meetings:
        GroupMeeting.objects.create(group=group, key=planned.key, ics_uid=new_uid(cohort.municipality), created_by=by)
    return group


@transaction.atomic
def make_groups(cohort: Cohort, *, by: User | None, now: datetime) -> list[LearningGroup]:
    """New groups as `grouping.propose_groups` proposes them, for everybody who has not ended and is in none yet."""
    _hold(cohort)
    free = {enrolment.person: enrolment for enrolment in without_group(cohort)}
    first = cohort.groups.count() + 1
    made = []
    for number, members in enumerate(propose_groups(list(free)).groups, start=first):
        made.append(make_group(cohort, f"{_('Group')} {number}", by=by))
        for person in members:
            groups.join(made[-1], free[person], by=by, now=now)
    return made


@transaction.atomic
def one_group_more(cohort: Cohort, *, beside: int, by: User | None) -> None:
    """An empty group where there are `beside` of them; nothing where another press has made it already."""
    _hold(cohort)
    if cohort.groups.count() == beside:
        make_group(cohort, f"{_('Group')} {beside + 1}", by=by)


def _hold(cohort: Cohort) -> None:
    """Until the transaction ends: a second press waits, and then sees what the first has made."""
    Cohort.objects.select_for_update().get(pk=cohort.pk)


def without_group(cohort: Cohort) -> models.QuerySet[Enrolment]:
    """Enrolments that have not ended and are in no learning group now, in the order they were made."""
    placed = cohort.enrolments.filter(group_memberships__left_at=None, group_memberships__isnull=False)
    return cohort.enrolments.open().exclude(pk__in=placed).select_related("person").order_by("created_at", "pk")
