"""LearningGroup: forming → active → closed, and who is in it (MODEL I3, I4)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment, GroupMembership, LearningGroup
from courseplatform.cohorts.transitions.guard import change, state_of
from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal

State = LearningGroup.State


def activate(group: LearningGroup, *, now: datetime) -> None:
    """forming → active. Raises Refusal without an agreement, and with fewer than 4 or more than 8 members."""
    if group.state == State.FORMING and (obstacle := _obstacle_to_activate(group)):
        raise Refusal(obstacle, state=state_of(group))
    sentence = _("Only a group that is forming can become active.")
    change(group, State.ACTIVE, allowed_from=[State.FORMING], sentence=sentence, now=now)


def _obstacle_to_activate(group: LearningGroup) -> object | None:
    if not group.agreement.strip():
        return _("The group must write its agreement first.")
    if not group.SMALLEST <= size(group) <= group.LARGEST:
        return _("A group has four to eight members.")
    return None


def close(group: LearningGroup, *, now: datetime) -> None:
    """active → closed."""
    sentence = _("Only an active group can be closed.")
    change(group, State.CLOSED, allowed_from=[State.ACTIVE], sentence=sentence, now=now)


def size(group: LearningGroup) -> int:
    """How many are in the group now."""
    return group.memberships.filter(left_at=None).count()


def needs_attention(group: LearningGroup) -> bool:
    """An active group that has shrunk below four; it is never merged by itself (MODEL I3)."""
    return group.state == State.ACTIVE and size(group) < group.SMALLEST


@transaction.atomic
def join(group: LearningGroup, enrolment: Enrolment, *, by: User | None, now: datetime) -> GroupMembership:
    """A stay in the group from now on. Raises Refusal when the group is full or closed, when the person is in another
    group, or when their line manager or somebody they manage is in this one (MODEL I3, I4)."""
    LearningGroup.objects.select_for_update().get(pk=group.pk)  # two newcomers may not both take the last chair
    if obstacle := _obstacle_to_join(group, enrolment):
        raise Refusal(obstacle, state=state_of(group))
    try:
        with transaction.atomic():
            return GroupMembership.objects.create(group=group, enrolment=enrolment, joined_at=now, created_by=by)
    except IntegrityError as twice:
        name = {"name": enrolment.person}
        raise Refusal(_("%(name)s is already in a learning group.") % name, state=state_of(group)) from twice


def _obstacle_to_join(group: LearningGroup, enrolment: Enrolment) -> object | None:
    if group.state == State.CLOSED or enrolment.cohort_id != group.cohort_id or enrolment.state in Enrolment.FINAL:
        return _("Only people on the cohort can join one of its open groups.")
    if size(group) >= group.LARGEST:
        return _("A group has eight members at most.")
    if meets_own_manager(group, enrolment.person):
        return _("%(name)s and their line manager cannot be in the same group.") % {"name": enrolment.person}
    return None


def meets_own_manager(group: LearningGroup, person: User) -> bool:
    """Whether the person's line manager, or somebody they manage, is in the group now."""
    members = User.objects.filter(
        enrolments__group_memberships__group=group, enrolments__group_memberships__left_at=None
    )
    return members.filter(Q(line_manager=person) | Q(pk=person.line_manager_id)).exists()


def leave(membership: GroupMembership, *, now: datetime) -> None:
    """End the stay. Leaving twice changes nothing."""
    GroupMembership.objects.filter(pk=membership.pk, left_at=None).update(left_at=now, updated_at=now)
    membership.refresh_from_db()


@transaction.atomic
def change_group(enrolment: Enrolment, to: LearningGroup, *, by: User | None, now: datetime) -> GroupMembership:
    """Leave the present group, if any, and join another; both or neither. Already there: nothing changes."""
    present = enrolment.group_memberships.filter(left_at=None).first()
    if present and present.group_id == to.pk:
        return present
    if present:
        leave(present, now=now)
    return join(to, enrolment, by=by, now=now)


def write_agreement(group: LearningGroup, text: str, *, now: datetime) -> None:
    """Keep the group's agreement. Raises Refusal when the group is closed."""
    sentence = _("The group is closed. Its agreement stands.")
    open_states = [State.FORMING, State.ACTIVE]
    change(group, group.state, allowed_from=open_states, sentence=sentence, now=now, agreement=text.strip())


def give_facilitator(group: LearningGroup, person: User | None, *, now: datetime) -> None:
    """Raises Refusal when the person is not one of the cohort's facilitators."""
    if person and not group.cohort.facilitators.filter(pk=person.pk).exists():
        raise Refusal(_("%(name)s is not a facilitator of the cohort.") % {"name": person}, state=state_of(group))
    LearningGroup.objects.filter(pk=group.pk).update(facilitator=person, updated_at=now)
    group.refresh_from_db()
