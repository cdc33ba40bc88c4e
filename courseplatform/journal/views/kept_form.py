"""What the pages of an experiment have in common: a form that is kept while it is written, and two devices."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from courseplatform.journal.experiments.forms import KeptForm
from courseplatform.journal.models import Experiment, Project
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.people.requests import PersonRequest


def keep_quietly(keep: Callable[[], None], row: Project | Experiment) -> JsonResponse:
    """The page saves by itself: its new edition, or 409 when it was written elsewhere since."""
    try:
        keep()
    except StaleError:
        return JsonResponse({"kept": False}, status=409)
    return JsonResponse({"kept": True, "edition": row.edition})


def blank(form: type[KeptForm], row: Project | Experiment, **initial: Any) -> KeptForm:
    """The form on top of the present edition."""
    return form(initial=initial | {"edition": row.edition})


def again(form: KeptForm, row: Project | Experiment) -> KeptForm:
    """The same texts on top of the present edition: what is in the fields stays, and can be sent again."""
    return type(form)(initial={**form.cleaned_data, "edition": row.edition})


def page(
    request: PersonRequest, template: str, form: KeptForm, *, status: int = 200, problem: object = "", **context: Any
) -> HttpResponse:
    """A step's page; `problem` is the one sentence about what is wrong."""
    return render(request, template, {"form": form, "problem": problem, **context}, status=status)
