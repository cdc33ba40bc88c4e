"""Erasing what somebody has written, for good: their key is destroyed and every sealed row of theirs deleted.

What stays is what the municipality has to be able to show (MODEL §9): that they were on a cohort, which lessons they
marked as read, whether they were there, that mails went out, and who has looked. Each for its own time.
"""

from datetime import datetime
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext, override

from courseplatform.cohorts.models import Enrolment, LessonProgress, WorkshopLook
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.journal.models import (
    AgreementYes,
    Commitment,
    DateAnswer,
    Experiment,
    Insight,
    MeetingNote,
    MeetingRun,
    MeetingTurn,
    PeerQuestion,
    Project,
    Reflection,
)
from courseplatform.outbox.models import BackOff, CalendarFeed, ExperimentDates, Message
from courseplatform.people.models import DataRequest, NotificationPreference, User
from courseplatform.people.privacy import audit, data_requests
from courseplatform.people.privacy.sealing import destroy_key
from courseplatform.people.privacy.tombstones import because, bury

# Each kind of row and the way from it to its person; experiments before the project they belong to. What hangs on
# these goes with them: earlier wordings, observations. A peer's question stays its writer's.
SEALED: dict[type[models.Model], str] = {
    Reflection: "author",
    Commitment: "author",
    MeetingNote: "author",
    PeerQuestion: "author",
    Insight: "enrolment__person",
    Experiment: "enrolment__person",
    Project: "enrolment__person",
}
CHOICES: dict[type[models.Model], str] = {
    DateAnswer: "enrolment__person",
    AgreementYes: "person",
    WorkshopLook: "person",
    ExperimentDates: "enrolment__person",
    CalendarFeed: "person",
    BackOff: "person",
}
EVERYTHING = "journal.everything"  # a tombstone's kind: all that somebody has written
QUESTIONS = (Message.Kind.PROMPT, Message.Kind.REMINDER, Message.Kind.SURVEY)
State = Enrolment.State


@transaction.atomic
def carry_out(request: DataRequest, *, by: User, now: datetime) -> None:
    """Erases what the request's person has written. Raises Refusal when it is not open: two desks do it once."""
    data_requests.begin(request)
    with because("asked_for"):
        erase(request.person, now)
    data_requests.fulfil(request, now)
    with override(request.person.language):
        purpose = gettext("Erased what you had written, as you asked")
    audit.record(by, "erase", request.person, about=request.person, purpose=purpose, now=now)


@transaction.atomic
def erase(person: User, now: datetime) -> None:
    """Nobody can read it again, here or in a backup that is taken into use (tombstones, MODEL I18). Safe to repeat."""
    bury(EVERYTHING, person.pk, now)
    _leave(person, now)
    _stop_asking(person)
    PeerQuestion.objects.answered_by(person).update(sealed_answer=None, answered_at=None)
    destroy_key(person, now)
    for model, whose in (SEALED | CHOICES).items():
        model._default_manager.filter(**{whose: person}).delete()
    _out_of_the_meetings(person)
    LessonProgress.objects.filter(enrolment__person=person, state=LessonProgress.State.IN_PROGRESS).delete()
    LessonProgress.objects.filter(enrolment__person=person).update(paragraph=None, left_at=None)


def erase_again(people: list[UUID], now: datetime) -> None:
    """In a database from a backup: whoever asked for it is not asked to ask again."""
    for person in User.objects.filter(pk__in=people):
        erase(person, now)


def _leave(person: User, now: datetime) -> None:
    """Nothing can be written any more, so they are on no cohort either; who has completed one, has."""
    open_ones = Enrolment.objects.filter(person=person).open()
    for enrolment in open_ones.select_related("cohort__municipality"):
        if enrolment.state == State.INVITED:
            enrolments.decline(enrolment, now=now)
        else:
            enrolments.withdraw(enrolment, reason=gettext("By their own wish"), now=now)


def _stop_asking(person: User) -> None:
    """What waits for them as a participant is not sent. Word of workshops they have left goes its own way."""
    waiting = Message.objects.filter(enrolment__person=person, state=Message.State.DUE)
    waiting.exclude(kind=Message.Kind.EVENT).update(state=Message.State.SUPPRESSED, reason="not_enrolled")
    wishes, _new = NotificationPreference.objects.get_or_create(person=person)
    muted = sorted({*wishes.muted_classes, *(kind.value for kind in QUESTIONS)})
    NotificationPreference.objects.filter(pk=wishes.pk).update(muted_classes=muted)


def _out_of_the_meetings(person: User) -> None:
    """That the group met stays; what they did there does not."""
    theirs = Q(present__person=person) | Q(process_keeper__person=person)
    for run in MeetingRun.objects.filter(theirs).distinct():
        run.present.remove(*run.present.filter(person=person))
    MeetingRun.objects.filter(process_keeper__person=person).update(process_keeper=None)
    MeetingTurn.objects.filter(presenter__person=person).update(presenter=None)
