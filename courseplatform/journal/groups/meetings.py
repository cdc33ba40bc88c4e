"""Which groups and meetings a person may open, who is in them, and what a meeting is called in its programme."""

from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from courseplatform.cohorts.models import Enrolment, GroupMeeting, GroupMembership, LearningGroup
from courseplatform.journal.models import FacilitatorInvitation
from courseplatform.journal.models.meeting import MeetingText
from courseplatform.journal.reflections.visibility import OVER
from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal
from lessons.shape import GroupMeeting as PlannedMeeting
from lessons.shape import Programme
from lessons.versions import knowing, programme

JOINS_UNASKED_UNTIL = 2  # MODEL §8: after the second meeting the facilitator comes when the group asks


def groups_of(person: User) -> QuerySet[LearningGroup]:
    """The groups the person is in now."""
    stays = _stays(person).values("group")
    related = ("facilitator", "cohort__programme_version", "cohort__municipality__calendar_policy")
    return LearningGroup.objects.filter(pk__in=stays).select_related(*related)


def meetings_of(person: User) -> QuerySet[GroupMeeting]:
    """The meetings of those groups: what a member may change."""
    return _with_programme(GroupMeeting.objects.filter(group__in=_stays(person).values("group")))


def meetings_open_to(person: User) -> QuerySet[GroupMeeting]:
    """The same, and those that a facilitator was invited to by the group they facilitate now: what one may read."""
    facilitated = LearningGroup.objects.filter(facilitator=person, cohort__facilitators=person)
    invited = Q(group__in=facilitated.exclude(cohort__state__in=OVER), facilitator_invitation__is_invited=True)
    return _with_programme(GroupMeeting.objects.filter(Q(group__in=_stays(person).values("group")) | invited))


def _stays(person: User) -> QuerySet[GroupMembership]:
    taking_part = {"enrolment__person": person, "enrolment__state__in": Enrolment.TAKING_PART}
    return GroupMembership.objects.filter(left_at=None, **taking_part).exclude(group__cohort__state__in=OVER)


def _with_programme(meetings: QuerySet[GroupMeeting]) -> QuerySet[GroupMeeting]:
    related = ("group__facilitator", "group__cohort__programme_version")
    return meetings.select_related(*related, "group__cohort__municipality__calendar_policy", "facilitator_invitation")


def members_of(group: LearningGroup) -> list[Enrolment]:
    """Who is in the group now, by name."""
    stays = group.memberships.filter(left_at=None).select_related("enrolment__person__org_unit")
    return sorted((stay.enrolment for stay in stays), key=lambda one: one.person.display_name)


def whole_of(meeting: GroupMeeting) -> Programme:
    """The version its cohort follows; for a meeting that it leaves out, the latest that had it."""
    return knowing(programme(meeting.group.cohort.programme_version.digest), "group_meetings", meeting.key)


def planned(meeting: GroupMeeting) -> PlannedMeeting:
    """Theme and week, as the programme has them."""
    return whole_of(meeting).group_meeting(meeting.key)


def number_of(meeting: GroupMeeting) -> int:
    """1 for the group's first meeting."""
    return [one.key for one in whole_of(meeting).group_meetings].index(meeting.key) + 1


def monday_of(meeting: GroupMeeting) -> date:
    """The first day of the week the programme puts it in."""
    return meeting.group.cohort.starts_on + timedelta(weeks=planned(meeting).week)


def invite_facilitator(meeting: GroupMeeting, *, is_wanted: bool, by: User, now: datetime) -> None:
    """The group wants its facilitator there, or rather not; the last word stands.

    Raises Refusal for inviting to what is over; that can only be taken back.
    """
    if is_wanted and meeting.state in (GroupMeeting.State.HELD, GroupMeeting.State.CANCELLED):
        raise Refusal(_("The meeting is over."), state=meeting.get_state_display())
    if is_wanted and is_facilitator_invited(meeting):
        return
    word = {"is_invited": is_wanted, "invited_at": now if is_wanted else None, "created_by": by}
    FacilitatorInvitation.objects.update_or_create(meeting=meeting, defaults=word)


def may_facilitator_read(text: MeetingText) -> bool:
    """Whether it was written after the facilitator had been invited, and they still are."""
    if not is_facilitator_invited(text.meeting):
        return False
    invited_at = text.meeting.facilitator_invitation.invited_at
    return invited_at is not None and invited_at <= text.written_at


def is_facilitator_invited(meeting: GroupMeeting) -> bool:
    """Whether the group has asked its facilitator to this meeting, who then reads what is kept from it."""
    invitation = getattr(meeting, "facilitator_invitation", None)
    return invitation is not None and invitation.is_invited


def facilitator_comes(meeting: GroupMeeting) -> bool:
    """Whether the facilitator joins: at the first meetings unless the group says no, afterwards only when invited."""
    invitation = getattr(meeting, "facilitator_invitation", None)
    return invitation.is_invited if invitation else number_of(meeting) <= JOINS_UNASKED_UNTIL
