"""What a group answers to a text that is shared with it: a question, or an appreciation, and no advice (MODEL §8)."""

import re
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
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


def ask(text: Text, pk: UUID, words: str, kind: str, *, by: User, now: datetime) -> bool:
    """Hang it beside the text; False where it hangs there already. Raises Refusal.

    The page names the row, so that the same tap twice keeps it once; other words from an old page get another row.
    """
    kept = tidy(words)
    if problem := problem_with(kept, kind):
        raise Refusal(problem)
    if not type(text).objects.filter(pk=text.pk, takes_questions=True).exists():
        raise Refusal(_("Its author takes no more questions here."))
    if _is_kept(pk, kept, by):
        return False
    if PeerQuestion.objects.filter(pk=pk).exists():
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
        return False
    return True


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
def answer(question: PeerQuestion, words: str, *, by: User, now: datetime, instead_of: str = "") -> bool:
    """Keep what the text's author answers; False where it stands there already. Raises Refusal.

    Another answer takes the place of one only where the author has seen that one: `instead_of` is its edition.
    """
    kept = tidy(words)
    if problem := problem_with_answer(kept):
        raise Refusal(problem)
    content = sealing.seal(by, kept, _place_of_answer(question))
    standing = PeerQuestion.objects.filter(pk=question.pk, sealed_answer=_seen(question, instead_of))
    moments = {"answered_at": now, "answer_seen_at": None, "seen_at": Coalesce(F("seen_at"), now)}
    written = standing.update(sealed_answer=content, **moments)
    question.refresh_from_db(fields=["sealed_answer", "answered_at", "seen_at"])
    if not written and answer_to(question, by) != kept:
        raise Refusal(_("You have answered it already, perhaps on another device. Choose which answer counts."))
    return bool(written)


def _seen(question: PeerQuestion, edition: str) -> bytes | None:
    """The very bytes of the answer that was on the page; None where there was none."""
    is_seen = question.sealed_answer is not None and edition == edition_of_answer(question)
    return bytes(question.sealed_answer or b"") if is_seen else None


def edition_of_answer(question: PeerQuestion) -> str:
    """Another one for every wording; "" before there is an answer."""
    return sha256(bytes(question.sealed_answer)).hexdigest()[:16] if question.sealed_answer is not None else ""


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
