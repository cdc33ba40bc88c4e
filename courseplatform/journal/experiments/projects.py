"""A project from its first wording to its answer: draft → framed → in_progress → concluded, or let go (MODEL §3)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment
from courseplatform.cohorts.transitions.guard import change
from courseplatform.journal.experiments.days import WITH_AUTHOR
from courseplatform.journal.experiments.sealed_texts import Texts, draft_of, draft_without, sealed, texts_of, unseen
from courseplatform.journal.models import Experiment, InquiryQuestion, Project
from courseplatform.journal.reflections.leftovers import keep_as_note
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.people.refusals import Refusal
from courseplatform.people.written_text import has_cpr_like_number, length, tidy

State = Project.State
TITLE, QUESTION = (3, 120), (10, 300)  # grapheme clusters, MODEL §10
LONGEST_ANSWER, LONGEST_REASON = 10_000, 300
CPR = _("It looks as if there is a CPR number in it. Take it out: others can read this.")


def current(enrolment: Enrolment) -> Project | None:
    """The one the person works on now; None before it is begun and after it is over."""
    return Project.objects.filter(enrolment=enrolment, state__in=Project.CURRENT).select_related(*WITH_AUTHOR).first()


def begin(enrolment: Enrolment) -> Project:
    """The current project, or a new draft. Two at once get the same one."""
    if existing := current(enrolment):
        return existing
    fresh = Project(enrolment=enrolment, created_by=enrolment.person)
    fresh.sealed = sealed(fresh, {})
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError:
        return Project.objects.select_related(*WITH_AUTHOR).get(enrolment=enrolment, state__in=Project.CURRENT)
    return fresh


def question_of(project: Project) -> InquiryQuestion | None:
    """The wording that counts; None before the first."""
    found = project.questions.filter(is_current=True).first()
    if found:
        found.project = project
    return found


def keep_draft(project: Project, texts: Texts, *, edition: int) -> None:
    """Keep what is being written, beside what another page writes; nobody else reads it.

    Raises StaleError when it was written elsewhere since.
    """
    kept = draft_of(project) | {name: tidy(text) for name, text in texts.items()}
    _write(project, edition, sealed_draft=sealed(project, kept, "draft"))


def problem_with_question(texts: Texts) -> tuple[str, object] | None:
    """Which field is wrong, and why, as a sentence; None when it can be asked."""
    if not TITLE[0] <= length(texts["title"]) <= TITLE[1]:
        return "title", _("Give it a name of 3 to 120 characters.")
    if not QUESTION[0] <= length(texts["text"]) <= QUESTION[1]:
        return "text", _("A question has between 10 and 300 characters. Say it in one sentence.")
    if length(texts["note"]) > LONGEST_REASON:
        return "note", _("Say it in 300 characters at most.")
    wrong = next((name for name in ("title", "text") if has_cpr_like_number(texts[name])), None)
    return (wrong, CPR) if wrong else None


@transaction.atomic
def ask(project: Project, texts: Texts, *, edition: int, now: datetime) -> None:
    """A new wording counts from now; those before stay its author's to read (MODEL I14). draft → framed.

    The same wording once more makes no new version. Raises StaleError, and Refusal for what `problem_with_question`
    names and for a project that is over.
    """
    kept = {name: tidy(text) for name, text in texts.items()}
    if problem := problem_with_question(kept):
        raise Refusal(problem[1])
    before = question_of(project)
    is_same = before is not None and texts_of(before)["text"] == kept["text"]
    if not (is_same and texts_of(project).get("title") == kept["title"]):
        title = sealed(project, texts_of(project) | {"title": kept["title"]})
        _write(project, edition, sealed=title, sealed_draft=draft_without(project, *kept))
    if not is_same:
        _next_wording(project, before, kept, now)
    if project.state == State.DRAFT:
        _change(project, State.FRAMED, [State.DRAFT], now)


def _next_wording(project: Project, before: InquiryQuestion | None, kept: Texts, now: datetime) -> None:
    project.questions.filter(is_current=True).update(is_current=False)
    version = before.version + 1 if before else 1
    fresh = InquiryQuestion(project=project, version=version, asked_at=now, created_by=project.author)
    fresh.sealed = sealed(fresh, {"text": kept["text"], "note": kept["note"]})
    fresh.save(force_insert=True)


@transaction.atomic
def conclude(project: Project, answer: str, now: datetime, *, edition: int | None = None) -> bool:
    """in_progress → concluded, with an answer in the person's own words.

    Whether something else was begun, which is a draft in the log now. Raises Refusal without an answer, and StaleError
    where another device is writing one that the writer of `edition` has not seen.
    """
    end = {"to": State.CONCLUDED, "allowed_from": [State.IN_PROGRESS], "longest": LONGEST_ANSWER}
    return _end(project, "answer", answer, now, edition, **end)


@transaction.atomic
def abandon(project: Project, reason: str, now: datetime, *, edition: int | None = None) -> bool:
    """Any open project → abandoned, with a reason that only its author reads. Otherwise as `conclude`."""
    end = {"to": State.ABANDONED, "allowed_from": list(Project.CURRENT), "longest": LONGEST_REASON}
    return _end(project, "reason", reason, now, edition, **end)


def _end(project: Project, name: str, text: str, now: datetime, edition: int | None, **end: Any) -> bool:
    kept = tidy(text)
    if kept and unseen(project, name, kept, edition):
        raise StaleError
    _must_end(project, kept, end["longest"])
    left = _left(project, name)
    # What was looked at, and not what another page has put there since.
    fields = {"unchanged": {"edition": project.edition}, "sealed_draft": None, "ended_at": now}
    content = sealed(project, texts_of(project) | {name: kept})
    _change(project, end["to"], end["allowed_from"], now, sealed=content, **fields)
    return keep_as_note(project.enrolment, left, now)


def _must_end(project: Project, kept: str, longest: int) -> None:
    """Raises Refusal for what cannot be its last word, and for a project that cannot end now."""
    state = project.get_state_display()
    if not kept:
        raise Refusal(_("Write a line first. One is enough."), state=state)
    if length(kept) > longest:
        raise Refusal(_("It is too long. Say it in %(number)d characters at most.") % {"number": longest}, state=state)
    if Experiment.objects.filter(project=project, state__in=Experiment.AHEAD).exists():
        raise Refusal(_("An experiment is still ahead or under way. Finish or stop it first."))


def _left(project: Project, name: str) -> list[str]:
    """What is begun beside that and stands nowhere yet."""
    asked = question_of(project)
    stands = {texts_of(project).get("title"), texts_of(asked)["text"] if asked else ""}
    return [text for key, text in draft_of(project).items() if key != name and text not in stands]


def set_going(project_id: UUID, now: datetime) -> None:
    """framed → in_progress: its first experiment runs. Safe to repeat."""
    Project.objects.filter(pk=project_id, state=State.FRAMED).update(state=State.IN_PROGRESS, updated_at=now)


def _change(project: Project, to: str, allowed_from: list[State], now: datetime, **fields: Any) -> None:
    sentence = _("The project cannot take this step from where it is.")
    change(project, to, allowed_from=allowed_from, sentence=sentence, now=now, **fields)


def _write(project: Project, edition: int, **fields: object) -> None:
    """Compare-and-set on the edition its writer saw."""
    mine = Project.objects.filter(pk=project.pk, edition=edition)
    if not mine.filter(state__in=Project.CURRENT).update(edition=F("edition") + 1, **fields):
        project.refresh_from_db(fields=["state", "sealed", "sealed_draft", "edition"])
        if project.state not in Project.CURRENT:
            raise Refusal(_("The project is over."), state=project.get_state_display())
        raise StaleError
    project.refresh_from_db(fields=["state", "sealed", "sealed_draft", "edition"])
