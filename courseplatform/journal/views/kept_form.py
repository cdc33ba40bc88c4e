"""What the pages of an experiment have in common: a form that is kept while it is written, and two devices."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from courseplatform.journal.experiments.forms import PREFIX, KeptForm
from courseplatform.journal.experiments.sealed_texts import Texts, draft_of, texts_of
from courseplatform.journal.models import Experiment, Insight, Project
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.people.refusals import Refusal
from courseplatform.people.requests import PersonRequest

Row = Project | Experiment | Insight


def keep_quietly(
    request: PersonRequest, form: KeptForm, row: Row, keep: Callable[[], None], finish: Callable[[], str] | None = None
) -> JsonResponse:
    """What the page that saves by itself is told (static/js/kept_texts.js): the new edition.

    409 with what stands here when it was written elsewhere since, 410 where there is no place for it any more. `done`
    says that the button was pressed, maybe without network: `finish` does what it does, and says where that stands; ""
    where a person has to look first. What somebody else wrote than who is signed in is refused.
    """
    if request.POST.get("writer", str(request.user.pk)) != str(request.user.pk):
        return JsonResponse({"kept": False}, status=403)
    is_done = finish is not None and "done" in request.POST
    try:
        place = finish() if finish and is_done else ""
        if not place:
            keep()
    except StaleError:
        return _what_stands_here(request, form, row)
    except Refusal:
        return no_place()
    answer: dict[str, Any] = {"kept": True, "edition": row.edition}
    if is_done:
        answer["entry" if place else "look"] = place or request.get_full_path()
    return JsonResponse(answer)


def no_place() -> JsonResponse:
    """The text belongs nowhere any more: the browser makes a note of its own in the log of it."""
    return JsonResponse({"kept": False}, status=410)


def _what_stands_here(request: PersonRequest, form: KeptForm, row: Row) -> JsonResponse:
    """Its words as the form would send them; days and choices as they were sent."""
    row.refresh_from_db()
    stands = texts_of(row) | ({} if isinstance(row, Insight) else draft_of(row))
    sent = {name: str(text) for name, text in request.POST.items() if name.startswith(f"{PREFIX}-")}
    words = {form.add_prefix(name): stands.get(name, "") for name in form.texts()}
    return JsonResponse({"kept": False, "edition": row.edition, "texts": sent | words}, status=409)


def blank(form: type[KeptForm], row: Row, **initial: Any) -> KeptForm:
    """The form on top of the present edition."""
    return form(initial=initial | {"edition": row.edition})


def again(form: KeptForm, row: Row) -> KeptForm:
    """The same texts on top of the present edition: what is in the fields stays, and can be sent again."""
    return type(form)(initial={**form.cleaned_data, "edition": row.edition})


def with_both(form: KeptForm, row: Row, stands: Texts) -> tuple[KeptForm, list[tuple[object, str]]]:
    """After another device has written: the texts of this one, with what stands where it has none; and what differs.

    What differs is for the page to show beside them, so that nothing is written over unseen (MODEL §10).
    """
    merged = {name: text or stands.get(name, "") for name, text in form.texts().items()}
    other = [name for name, text in merged.items() if stands.get(name, text) not in ("", text)]
    initial = {**form.cleaned_data, **merged, "edition": row.edition}
    return type(form)(initial=initial), [(form.fields[name].label, stands[name]) for name in other]


def page(
    request: PersonRequest, template: str, form: KeptForm, *, status: int = 200, problem: object = "", **context: Any
) -> HttpResponse:
    """A step's page; `problem` is the one sentence about what is wrong."""
    return render(request, template, {"form": form, "problem": problem, **context}, status=status)
