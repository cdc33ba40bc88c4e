"""The group's agreement: anybody in the group proposes a text, and it counts when everybody has said yes (MODEL I14).

Those on pause are not waited for. A newer proposal takes the place of an open one; every version stays readable.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment, LearningGroup
from courseplatform.cohorts.transitions import group as groups
from courseplatform.journal.groups.meetings import members_of
from courseplatform.journal.models import AgreementYes, GroupAgreement
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal
from courseplatform.people.written_text import has_cpr_like_number, length, tidy

LONGEST = 2000  # characters; the lesson advises six lines
State = GroupAgreement.State


def problem_with(text: str) -> object | None:
    """Why this cannot be an agreement, as a sentence; None when it can."""
    if not tidy(text):
        return _("Write a line first. One is enough.")
    if length(tidy(text)) > LONGEST:
        return _("Keep it to 2,000 characters. Six lines are often enough.")
    return _("This looks like a CPR number. Take it out.") if has_cpr_like_number(text) else None


@transaction.atomic
def propose(
    group: LearningGroup, text: str, *, by: User, now: datetime, instead_of: str | None = None
) -> GroupAgreement:
    """A new version that waits for everybody's yes; its author has said theirs. The same text again is the same one.

    `instead_of` is the open version that its author has seen, "" for none: raises StaleError where another one waits.
    """
    if problem := problem_with(text):
        raise Refusal(problem)
    locked = LearningGroup.objects.select_for_update().get(pk=group.pk)
    proposed = open_proposal(group)
    if proposed is None or proposed.text != tidy(text):
        if proposed and instead_of not in (None, str(proposed.version)):
            raise StaleError
        group.agreements.filter(state=State.PROPOSED).update(state=State.DROPPED, updated_at=now)
        proposed = _next_version(locked, tidy(text), by)
    say_yes(proposed, by, now=now)
    return proposed


def _next_version(group: LearningGroup, text: str, by: User) -> GroupAgreement:
    last = group.agreements.aggregate(last=Max("version"))["last"]
    if last is None and group.agreement:  # written down before there were versions
        last = 1
        GroupAgreement.objects.create(group=group, version=last, text=group.agreement, state=State.ADOPTED)
    return GroupAgreement.objects.create(group=group, version=(last or 0) + 1, text=text, created_by=by)


def open_proposal(group: LearningGroup) -> GroupAgreement | None:
    """The version that waits for somebody's yes, if there is one."""
    return group.agreements.filter(state=State.PROPOSED).first()


@transaction.atomic
def say_yes(agreement: GroupAgreement, person: User, *, now: datetime) -> None:
    """A member's yes; the last one makes it count. Saying it twice changes nothing. Raises Refusal when it is gone."""
    LearningGroup.objects.select_for_update().get(pk=agreement.group_id)  # two last yeses may not both wait
    agreement.refresh_from_db()
    if agreement.state == State.DROPPED:
        raise Refusal(_("There is a newer proposal. Read that one."), state=agreement.get_state_display())
    AgreementYes.objects.get_or_create(agreement=agreement, person=person, defaults={"created_by": person})
    if agreement.state == State.PROPOSED and not waiting_for(agreement):
        _adopt(agreement, now)


def waiting_for(agreement: GroupAgreement) -> list[User]:
    """Who is in the group, is not on pause, and has not said yes."""
    said_yes = set(agreement.yeses.values_list("person", flat=True))
    present = [one for one in members_of(agreement.group) if one.state != Enrolment.State.PAUSED]
    return [one.person for one in present if one.person_id not in said_yes]


def _adopt(agreement: GroupAgreement, now: datetime) -> None:
    group = agreement.group
    groups.write_agreement(group, agreement.text, now=now)
    GroupAgreement.objects.filter(pk=agreement.pk).update(state=State.ADOPTED, adopted_at=now, updated_at=now)
    agreement.refresh_from_db()
    if group.state == LearningGroup.State.FORMING and group.SMALLEST <= groups.size(group) <= group.LARGEST:
        groups.activate(group, now=now)


def drop(agreement: GroupAgreement, *, now: datetime) -> None:
    """Lay a proposal aside. Safe to repeat; what counts stays as it is."""
    proposed = GroupAgreement.objects.filter(pk=agreement.pk, state=State.PROPOSED)
    proposed.update(state=State.DROPPED, updated_at=now)
