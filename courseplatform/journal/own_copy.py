"""Everything we keep about somebody, for themselves, at once: as data, as a page and as their own texts (MODEL §9).

What they wrote is opened with their own key and is in no other place than the file they fetch. What is kept around
them is in `own_record`; a test looks for every table that points at a person.
"""

import json
from collections.abc import Iterable
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.template.loader import render_to_string
from django.utils.text import slugify
from django.utils.translation import gettext as _

from courseplatform.journal.experiments.days import WITH_AUTHOR
from courseplatform.journal.experiments.sealed_texts import draft_of, texts_of
from courseplatform.journal.groups.meeting_texts import text_of
from courseplatform.journal.groups.peer_questions import answer_to, words_of
from courseplatform.journal.insights.focus_areas import area_of
from courseplatform.journal.models import (
    Commitment,
    Experiment,
    Insight,
    MeetingNote,
    PeerQuestion,
    Project,
    Reflection,
)
from courseplatform.journal.own_record import record_of
from courseplatform.journal.reflections.entries import answers, as_written, earlier, fields_of, question_of
from courseplatform.people.models import User
from courseplatform.people.privacy.sealing import KeyDestroyedError

Row = dict[str, Any]


def archive_of(person: User, now: datetime) -> bytes:
    """A ZIP file: `data.json`, a page to read, and one Markdown file for each entry. In the active language."""
    everything, file = copy_of(person, now), BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(everything, ensure_ascii=False, indent=2, default=_plain))
        page = render_to_string("journal/own_copy.html", {"copy": everything, "person": person, "at": now})
        archive.writestr(_("read me.html"), page)
        for name, text in _as_files(everything["log"]):
            archive.writestr(f"{_('log')}/{name}", text)
    return file.getvalue()


def copy_of(person: User, now: datetime) -> dict[str, Any]:
    """The same as plain values; instants are aware, days are dates. A fixed number of queries."""
    return {
        "made_at": now,
        **record_of(person),
        "log": _log(person),
        "projects": _projects(person),
        "experiments": _experiments(person),
        "insights": _insights(person),
        "asked_others": _asked(person),
        "answered_others": _answered(person),
        "meetings": _meetings(person),
    }


# --- What they wrote -------------------------------------------------------------------------------------------------
def _log(person: User) -> list[Row]:
    own = Reflection.objects.by(person).select_related("author__key", "message", "enrolment__cohort__programme_version")
    entries = own.defer("enrolment__cohort__programme_version__snapshot").prefetch_related("revisions")
    return [_entry(one) for one in entries.order_by("occurred_on", "created_at")]


def _entry(reflection: Reflection) -> Row:
    written = as_written(reflection)
    return {
        "day": reflection.occurred_on,
        "question": question_of(reflection)[0],
        "state": str(reflection.get_state_display()),
        "readers": str(reflection.get_visibility_display()),
        "text": None if written is None else [{"heading": one.label, "text": one.text} for one in written],
        "saved": _saved(reflection) if written is not None and reflection.sealed_draft else None,
        "earlier": [] if written is None else _earlier(reflection),
    }


def _saved(reflection: Reflection) -> list[str]:
    """What it says until the edit that is begun is finished."""
    return [answer.text for answer in answers(reflection, fields_of(reflection))]


def _earlier(reflection: Reflection) -> list[Row]:
    revisions = reflection.revisions.all()
    for revision in revisions:
        revision.reflection = reflection  # the key is here already
    return [
        {"until": one.written_at, "text": [answer.text for answer in answers(reflection, earlier(one))]}
        for one in revisions
    ]


def _projects(person: User) -> list[Row]:
    projects = Project.objects.filter(enrolment__person=person).select_related("enrolment__person__key")
    return [
        {
            "state": str(project.get_state_display()),
            **_opened(project),
            "begun": _begun(project),
            "questions": [{"asked_at": one.asked_at, **_opened(one)} for one in project.questions.all()],
        }
        for project in projects.prefetch_related("questions__project__enrolment__person__key")
    ]


def _experiments(person: User) -> list[Row]:
    experiments = Experiment.objects.filter(enrolment__person=person).select_related("enrolment__person__key")
    whole = experiments.prefetch_related("observations__experiment__enrolment__person__key").order_by("created_at")
    return [
        {
            "state": str(one.get_state_display()),
            "starts_on": one.starts_on,
            "due_on": one.due_on,
            "readers": str(one.get_visibility_display()),
            **_opened(one),
            "begun": _begun(one),
            "observations": [{"seen_at": seen.seen_at, **_opened(seen)} for seen in one.observations.all()],
        }
        for one in whole
    ]


def _insights(person: User) -> list[Row]:
    own = Insight.objects.by(person).select_related(*WITH_AUTHOR).order_by("created_at")
    return [
        {"written_at": one.created_at, "readers": str(one.get_visibility_display()), "focus_area": area_of(one)}
        | _opened(one)
        for one in own
    ]


def _asked(person: User) -> list[Row]:
    own = PeerQuestion.objects.by(person).select_related("author__key")
    return [{"asked_at": one.asked_at, "kind": str(one.get_kind_display()), "text": _said(one)} for one in own]


def _answered(person: User) -> list[Row]:
    """What they answered, without the question: that is somebody else's."""
    own = PeerQuestion.objects.answered_by(person).order_by("answered_at")
    return [{"answered_at": one.answered_at, "text": _answer(one, person)} for one in own]


def _answer(question: PeerQuestion, person: User) -> str | None:
    try:
        return answer_to(question, person)
    except KeyDestroyedError:
        return None


def _begun(row: Project | Experiment) -> Row:
    """What they are writing and have not said yet."""
    try:
        return dict(draft_of(row))
    except KeyDestroyedError:
        return {}


def _opened(row: Any) -> Row:
    try:
        return dict(texts_of(row))
    except KeyDestroyedError:
        return {"text": None}


def _meetings(person: User) -> list[Row]:
    said: list[Commitment | MeetingNote] = []
    for kind in (Commitment, MeetingNote):
        said += kind.objects.filter(author=person).select_related("author__key", "meeting")
    return [
        {"meeting": one.meeting.starts_at, "kind": str(one._meta.verbose_name), "text": _said(one)}
        | {"written_at": one.written_at, "went": _went(one)}
        for one in sorted(said, key=lambda one: one.written_at)
    ]


def _went(row: Commitment | MeetingNote) -> str:
    return str(row.get_outcome_display()) if isinstance(row, Commitment) else ""


def _said(row: Commitment | MeetingNote | PeerQuestion) -> str | None:
    try:
        return words_of(row) if isinstance(row, PeerQuestion) else text_of(row)
    except KeyDestroyedError:
        return None


# --- Forms -----------------------------------------------------------------------------------------------------------
def _as_files(log: Iterable[Row]) -> Iterable[tuple[str, str]]:
    for number, entry in enumerate((one for one in log if one["text"]), start=1):
        about = slugify(entry["question"])[:40].strip("-")
        yield f"{entry['day']}-{number:03}{'-' if about else ''}{about}.md", _as_markdown(entry)


def _as_markdown(entry: Row) -> str:
    heading = entry["question"] or str(entry["day"])
    parts = [f"# {heading}", f"{entry['day']} · {entry['readers']}"]
    for one in entry["text"]:
        parts += [f"## {one['heading']}"] if one["heading"] else []
        parts.append(one["text"])
    return "\n\n".join(parts) + "\n"


def _plain(value: object) -> str:
    """For JSON: days, clock times and instants as ISO 8601."""
    return value.isoformat() if isinstance(value, date | time) else str(value)
