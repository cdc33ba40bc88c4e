"""What a group answers to a text that is shared with it: a question, or an appreciation, and no advice (MODEL §8)."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment, GroupMembership
from courseplatform.journal.models import Experiment, InquiryQuestion, PeerQuestion, Project, Reflection
from courseplatform.journal.withdrawn import note_unanswered, note_unasked
from courseplatform.people.models import User
from courseplatform.people.privacy import sealing
from courseplatform.people.refusals import Refusal
from courseplatform.people.written_text import has_cpr_like_number, length, tidy

Text = Reflection | InquiryQuestion | Experiment
Kind = PeerQuestion.Kind
LONGEST = {Kind.QUESTION: 300, Kind.APPRECIATION: 280}  # grapheme clusters
LONGEST_ANSWER = 1000
# What the whole cohort reads is read, and not asked about (MODEL §5).
ASKED_ABOUT = (Reflection.Visibility.GROUP, Reflection.Visibility.FACILITATOR)
CPR = _("It looks as if there is a CPR number in it. Take it out: others can read this.")
# In both languages, whichever the page is in: one writes to a peer as one speaks to them.
ADVICE = (
    "har du prøvet", "har du overvejet", "burde du", "skulle du ikke", "kunne du ikke", "hvorfor ikke bare",
    "hvorfor gør du ikke bare", "have you tried", "have you considered", "should you", "shouldn't you",
    "couldn't you", "why not just", "why don't you just",
)  # fmt: skip
END_OF_SENTENCE = re.compile(r"[.!?…:\n]+")


# --- Which texts -----------------------------------------------------------------------------------------------------
def _entries(person: User) -> QuerySet[Any]:
    shared = Reflection.objects.shared_with(person).filter(visibility__in=ASKED_ABOUT)
    return shared.select_related("author", "enrolment")


def _wordings(person: User) -> QuerySet[Any]:
    shown = Project.objects.shown_to(person).values("pk")
    return InquiryQuestion.objects.filter(is_current=True, project__in=shown).select_related(
        "project__enrolment__person"
    )


def _experiments(person: User) -> QuerySet[Any]:
    opened = Experiment.objects.opened_to(person).exclude(enrolment__person=person)
    return opened.select_related("enrolment__person")


# The word in the address → the texts of that kind that somebody may ask about now.
KINDS: dict[str, Callable[[User], QuerySet[Any]]] = {
    "refleksion": _entries,
    "spoergsmaal": _wordings,
    "proevehandling": _experiments,
}
FIELDS: dict[type[Any], tuple[str, str]] = {
    Reflection: ("refleksion", "reflection"),
    InquiryQuestion: ("spoergsmaal", "wording"),
    Experiment: ("proevehandling", "experiment"),
}


def own_texts(person: User, kind: str) -> QuerySet[Any]:
    """One's own texts of that kind."""
    own: dict[str, QuerySet[Any]] = {
        "refleksion": Reflection.objects.by(person),
        "spoergsmaal": InquiryQuestion.objects.filter(project__enrolment__person=person),
        "proevehandling": Experiment.objects.by(person),
    }
    return own[kind]


def field_of(text: Text) -> str:
    """The name under which a question hangs on such a text."""
    return FIELDS[type(text)][1]


def enrolment_of(text: Text) -> Enrolment:
    """Of its author."""
    return text.project.enrolment if isinstance(text, InquiryQuestion) else text.enrolment


# --- To ask ----------------------------------------------------------------------------------------------------------
def problem_with(words: str, kind: str) -> object | None:
    """Why it cannot be sent as that, as a sentence; None when it can."""
    if not words:
        return _("Write a line first. One is enough.")
    if kind == Kind.QUESTION and "?" not in words:
        return _("There is no question mark in it. Make it a question, or send it as an appreciation.")
    if length(words) > LONGEST[Kind(kind)]:
        return _("Keep it to %(number)d characters. Nothing is lost: shorten it.") % {"number": LONGEST[Kind(kind)]}
    return CPR if has_cpr_like_number(words) else None


def sounds_like_advice(words: str) -> bool:
    """Whether a sentence in it begins as advice dressed as a question does; for a hint, and never in the way."""
    sentences = END_OF_SENTENCE.split(tidy(words).casefold().replace("’", "'"))
    return any(" ".join(one.split()).lstrip("–- ").startswith(ADVICE) for one in sentences)


def ask(text: Text, pk: UUID, words: str, kind: str, *, by: User, now: datetime) -> None:
    """Hang it beside the text. Raises Refusal.

    The page names the row, so that the same tap twice keeps it once; other words from an old page get another row.
    """
    kept = tidy(words)
    if problem := problem_with(kept, kind):
        raise Refusal(problem)
    if not type(text).objects.filter(pk=text.pk, takes_questions=True).exists():
        raise Refusal(_("Its author takes no more questions here."))
    if PeerQuestion.objects.filter(pk=pk).exists() and not _is_kept(pk, kept, by):
        pk = uuid4()
    fresh = PeerQuestion(pk=pk, author=by, kind=kind, asked_at=now, created_by=by)
    setattr(fresh, field_of(text), text)
    _place_in_group(fresh, enrolment_of(text))
    fresh.sealed = sealing.seal(by, kept, str(pk))
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError:
        if not _is_kept(pk, kept, by):
            raise


def _is_kept(pk: UUID, words: str, by: User) -> bool:
    first = PeerQuestion.objects.filter(pk=pk, author=by).select_related("author__key").first()
    return first is not None and words_of(first) == words


def _place_in_group(fresh: PeerQuestion, authors: Enrolment) -> None:
    stay = GroupMembership.objects.filter(enrolment=authors, left_at=None).select_related("group").first()
    fresh.group = stay.group if stay else None
    own = GroupMembership.objects.filter(group=fresh.group, left_at=None, enrolment__person=fresh.author)
    mine = own.select_related("enrolment").first()
    fresh.enrolment = mine.enrolment if mine else None


@transaction.atomic
def withdraw(question: PeerQuestion, now: datetime) -> None:
    """Take one's own back: gone for everybody at the next request (MODEL I7). Safe to repeat."""
    note_unasked(question, now)
    PeerQuestion.objects.filter(pk=question.pk, withdrawn_at=None).update(withdrawn_at=now, updated_at=now)


# --- To answer, or to leave it ---------------------------------------------------------------------------------------
def answer(question: PeerQuestion, words: str, *, by: User, now: datetime) -> None:
    """Keep what the text's author answers; sent twice, it is kept once. Raises Refusal for another answer on top."""
    kept = tidy(words)
    if problem := problem_with_answer(kept):
        raise Refusal(problem)
    unanswered = PeerQuestion.objects.filter(pk=question.pk, answered_at=None)
    content = sealing.seal(by, kept, _place_of_answer(question))
    written = unanswered.update(sealed_answer=content, answered_at=now, seen_at=Coalesce(F("seen_at"), now))
    question.refresh_from_db(fields=["sealed_answer", "answered_at", "seen_at"])
    if not written and answer_to(question, by) != kept:
        raise Refusal(_("You have answered it already. Take your answer back to write another."))


def problem_with_answer(words: str) -> object | None:
    """Why it cannot be an answer, as a sentence; None when it can."""
    if not words:
        return _("Write a line first. One is enough.")
    if length(words) > LONGEST_ANSWER:
        return _("Keep it to %(number)d characters. Nothing is lost: shorten it.") % {"number": LONGEST_ANSWER}
    return CPR if has_cpr_like_number(words) else None


@transaction.atomic
def take_answer_back(question: PeerQuestion, now: datetime) -> None:
    """Erase the answer; the question stands. Safe to repeat."""
    note_unanswered(question, now)
    PeerQuestion.objects.filter(pk=question.pk).update(sealed_answer=None, answered_at=None)


def close(text: Text, *, is_closed: bool) -> None:
    """Take no more questions about it, or take them again; those that are there stay. Safe to repeat."""
    type(text).objects.filter(pk=text.pk).update(takes_questions=not is_closed)


# --- What it says ----------------------------------------------------------------------------------------------------
def words_of(question: PeerQuestion) -> str:
    """What was asked. Raises what `sealing.unseal` raises."""
    return sealing.unseal(question.author, bytes(question.sealed), str(question.pk))


def answer_to(question: PeerQuestion, author: User) -> str:
    """What the text's author answered; "" where they left it. Raises what `sealing.unseal` raises."""
    if question.sealed_answer is None:
        return ""
    return sealing.unseal(author, bytes(question.sealed_answer), _place_of_answer(question))


def _place_of_answer(question: PeerQuestion) -> str:
    return f"{question.pk}/answer"
