"""Another version of its programme for a cohort that stands: HR has seen the difference and said yes (MODEL I1).

To undo it is to apply the earlier version in the same way.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Cohort, GroupMeeting, LearningGroup, Workshop
from courseplatform.cohorts.setting_up.new_cohort import draft_workshops, new_uid
from courseplatform.cohorts.transitions.guard import state_of
from courseplatform.people.models import User
from courseplatform.people.privacy.audit import record
from courseplatform.people.refusals import Refusal
from lessons.models import ProgrammeVersion
from lessons.versions import programme

# A draft is still being set up (`setting_up.revise`); what is over keeps what it was.
MAY_CHANGE = (Cohort.State.PLANNED, Cohort.State.ENROLLING, Cohort.State.RUNNING)


@dataclass(frozen=True)
class Days:
    """What another version does to the days on which people meet. What has been held stays as it is."""

    in_the_way: tuple[Workshop | GroupMeeting, ...]  # planned, and not in that version: HR must decide first
    leaving: tuple[Workshop | GroupMeeting, ...]  # not in that version either, but nobody has been told of a day
    workshops: tuple[str, ...]  # keys that come as drafts
    meetings: tuple[tuple[LearningGroup, str], ...]  # each group's that come, still without a day


def versions_for(cohort: Cohort) -> list[ProgrammeVersion]:
    """All versions of the cohort's programme, the newest first. One query."""
    return list(ProgrammeVersion.objects.filter(programme_key=cohort.programme_version.programme_key))


def days_if_applied(cohort: Cohort, version: ProgrammeVersion, now: datetime) -> Days:
    """Read before asking HR, and again inside the change. Three queries."""
    whole = programme(version.digest)
    asked_for = {one.key for one in whole.workshops}, {one.key for one in whole.group_meetings}
    workshops = list(cohort.workshops.all())
    groups = list(cohort.groups.exclude(state=LearningGroup.State.CLOSED).order_by("created_at"))
    meetings = list(GroupMeeting.objects.filter(group__cohort=cohort).select_related("group"))
    unasked: list[Workshop | GroupMeeting] = [
        *(one for one in workshops if one.key not in asked_for[0]),
        *(one for one in meetings if one.key not in asked_for[1]),
    ]
    there = {one.key for one in workshops if one.state != Workshop.State.CANCELLED}
    # A meeting's place in its group is taken for good, even when it was cancelled.
    met = {(one.group_id, one.key) for one in meetings}
    return Days(
        in_the_way=tuple(one for one in unasked if _is_in_the_way(one, now)),
        leaving=tuple(one for one in unasked if one.state in (Workshop.State.DRAFT, GroupMeeting.State.PROPOSED)),
        workshops=tuple(one.key for one in whole.workshops if one.key not in there),
        meetings=tuple(
            (group, one.key) for group in groups for one in whole.group_meetings if (group.pk, one.key) not in met
        ),
    )


def _is_in_the_way(event: Workshop | GroupMeeting, now: datetime) -> bool:
    """It stands in somebody's calendar. Of a workshop that is over HR must still say whether it was held."""
    if isinstance(event, Workshop):
        return event.state == Workshop.State.SCHEDULED
    return event.state == GroupMeeting.State.SCHEDULED and (event.ends_at is None or event.ends_at > now)


@transaction.atomic
def apply_version(
    cohort: Cohort, version: ProgrammeVersion, *, seen: str, newest: str, by: User, now: datetime
) -> None:
    """Pins the cohort to `version`, if the page HR said yes on still tells the truth.

    `seen` and `newest` are digests as they stood there: of the cohort's version and of the programme's newest one.
    Raises Refusal when either has changed since, when the cohort is not under way, and while a day is in the way.
    """
    if versions_for(cohort)[0].digest != newest:
        raise Refusal(_("A newer version has been published since you opened the page. Look at the changes again."))
    as_seen = Cohort.objects.filter(pk=cohort.pk, programme_version__digest=seen, state__in=MAY_CHANGE)
    if not as_seen.exclude(programme_version=version).update(programme_version=version, updated_at=now):
        cohort.refresh_from_db()
        raise Refusal(_("The cohort has changed since you opened the page. Look at it again."), state=state_of(cohort))
    before = cohort.programme_version.number
    _lock_days(cohort)
    _change_days(cohort, days_if_applied(cohort, version, now), by)
    record(by, "apply_version", cohort, about=None, purpose=f"{before} → {version.number}", now=now)


def _lock_days(cohort: Cohort) -> None:
    """Until the end nobody moves or plans what is about to go."""
    list(cohort.workshops.select_for_update().order_by("pk"))
    list(GroupMeeting.objects.filter(group__cohort=cohort).select_for_update(of=["self"]).order_by("pk"))


def _change_days(cohort: Cohort, days: Days, by: User) -> None:
    if days.in_the_way:
        sentence = _("Some days are planned that are not part of that version. Cancel them first.")
        raise Refusal(sentence, state=state_of(cohort))
    for event in days.leaving:
        event.delete()
    cohort.refresh_from_db()
    draft_workshops(cohort, by=by, keys=days.workshops)
    for group, key in days.meetings:
        GroupMeeting.objects.create(group=group, key=key, ics_uid=new_uid(cohort.municipality), created_by=by)
