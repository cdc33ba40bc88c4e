"""What the pages of an experiment have in common: a form that is kept while it is written, and two devices."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from courseplatform.journal.experiments.forms import PREFIX, KeptForm
from courseplatform.journal.experiments.sealed_texts import Texts, draft_of, texts_of
from courseplatform.journal.models import Experiment, Insight, Project
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.people.refusals import Refusal
from courseplatform.people.requests import PersonRequest

Row = Project | Experiment | Insight
LONGEST_AWAY = timedelta(days=14)
Form = TypeVar("Form", bound=KeptForm)


def keep_quietly(
    request: PersonRequest,
    form: KeptForm,
    row: Row,
    keep: Callable[[], object],
    finish: Callable[[], str] | None = None,
) -> JsonResponse:
    """What the page that saves by itself is told (static/js/kept_texts.js): the new edition.

    409 with what stands here when it was written elsewhere since, 410 where there is no place for it any more. `done`
    says that the button was pressed, maybe without network: `finish` does what it does, and says where that stands; ""
    where a person has to look first. What somebody else wrote than who is signed in is refused.
    """
    if _is_anothers(request):
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


def send_quietly(request: PersonRequest, send: Callable[[], str]) -> JsonResponse:
    """The same for what others will read, which lies on the phone alone until its button is pressed.

    `send` says where it stands now; "", a Refusal or a StaleError where a person has to look first: then it stays on
    the phone.
    """
    if _is_anothers(request):
        return JsonResponse({"kept": False}, status=403)
    try:
        place = send()
    except (Refusal, StaleError):
        place = ""
    return JsonResponse({"kept": True, "entry": place}) if place else JsonResponse({"kept": False}, status=422)


def pressed_at(request: PersonRequest, now: datetime) -> datetime:
    """When the button was pressed, maybe without network: what was meant for those who were there then stays theirs.

    Two weeks back at most.
    """
    ago = request.POST.get("ago", "")
    return now - min(
        LONGEST_AWAY, timedelta(seconds=int(ago) if ago.isascii() and ago.isdigit() and len(ago) < 8 else 0)
    )


def _is_anothers(request: PersonRequest) -> bool:
    """Whether somebody else is signed in on this phone by now."""
    return request.POST.get("writer", str(request.user.pk)) != str(request.user.pk)


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


def again(form: Form, row: Row) -> Form:
    """The same texts on top of the present edition: what is in the fields stays, and can be sent again."""
    return type(form)(initial={**form.cleaned_data, "edition": row.edition})


def with_both(form: Form, row: Row, stands: Texts) -> tuple[Form, list[tuple[object, str]]]:
    """After another device has written: the texts of this one, with what stands where it has none; and what differs.

    What differs is for the page to show beside them, so that nothing is written over unseen (MODEL §10): until one is
    chosen, the page keeps its own text on the edition that it was written on.
    """
    merged = {name: text or stands.get(name, "") for name, text in form.texts().items()}
    other = [name for name, text in merged.items() if stands.get(name, text) not in ("", text)]
    fresh = type(form)(initial={**form.cleaned_data, **merged, "edition": row.edition})
    fresh.written_on = form.cleaned_data["edition"]
    return fresh, [(form.fields[name].label, stands[name]) for name in other]


def takes_other(request: PersonRequest) -> bool:
    """Whether, of two devices' texts, the one that stands was chosen."""
    return request.POST.get("keep") == "other"


def together(form: KeptForm, stands: Texts) -> Texts:
    """Both texts of each field, one below the other, to be put right."""
    texts = form.texts().items()
    return {name: "\n\n".join(dict.fromkeys(filter(None, [stands.get(name, ""), text]))) for name, text in texts}


def page(
    request: PersonRequest, template: str, form: KeptForm, *, status: int = 200, problem: object = "", **context: Any
) -> HttpResponse:
    """A step's page; `problem` is the one sentence about what is wrong."""
    return render(request, template, {"form": form, "problem": problem, **context}, status=status)
