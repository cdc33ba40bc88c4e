"""Forløb and Lektion: what a participant follows."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from courseplatform import clock
from courseplatform.cohorts.dates import dates_of
from courseplatform.cohorts.models import Enrolment, LessonProgress
from courseplatform.cohorts.progress import own_lines, progress_of
from courseplatform.cohorts.transitions import lesson as lessons
from courseplatform.people.models import User
from courseplatform.people.requests import PersonRequest
from lessons.shape import Lesson, Programme
from lessons.versions import programme


def own_enrolments(person: User) -> QuerySet[Enrolment]:
    """The cohorts the person takes part in, with all a page needs of them; the latest first."""
    related = ("cohort__programme_version", "cohort__municipality", "person")
    return Enrolment.objects.of(person).taking_part().select_related(*related)


@login_required
@require_safe
def my_programme(request: PersonRequest) -> HttpResponse:
    """To the programme of the person's latest cohort."""
    enrolment = own_enrolments(request.user).first()
    if enrolment is None:
        return render(request, "cohorts/no_programme.html")
    return redirect("programme-of", enrolment.cohort_id)


@login_required
@require_safe
def programme_page(request: PersonRequest, cohort: UUID) -> HttpResponse:
    """The three lines, and what is open just now."""
    enrolment = get_object_or_404(own_enrolments(request.user), cohort=cohort)
    today = clock.today(enrolment.cohort.municipality.timezone)
    dates, progress = dates_of(enrolment.cohort), progress_of(enrolment)
    lines = own_lines(enrolment, dates, progress, today)
    context = {
        "cohort": enrolment.cohort,
        "programme": dates.programme,
        "dates": dates,
        "week": dates.week_of(today) + 1,
        "is_running": dates.starts_on <= today <= dates.ends_on,
        "lines": lines,
        "now": [
            (line, [one for one in line.stretches if one.opens_on <= today <= one.closes_on]) for line in lines.lines
        ],
        "read_on": progress.done,
        "as_list": request.GET.get("vis") == "liste",
    }
    return render(request, "cohorts/programme.html", context)


@login_required
@require_safe
def lesson_page(request: PersonRequest, cohort: UUID, lesson: str) -> HttpResponse:
    """One lesson to read; before its module opens, only when it does. Looking changes nothing."""
    enrolment = get_object_or_404(own_enrolments(request.user), cohort=cohort)
    whole = programme(enrolment.cohort.programme_version.digest)
    found = lesson_in(whole, lesson)
    dates = dates_of(enrolment.cohort)
    module = whole.module_of(found.key)
    opens_on = dates.module_opens(module.key)
    context: dict[str, Any] = {"cohort": enrolment.cohort, "lesson": found, "programme": whole, "opens_on": opens_on}
    if opens_on > clock.today(enrolment.cohort.municipality.timezone):
        return render(request, "cohorts/lesson_locked.html", context)
    progress = progress_of(enrolment)
    context |= {
        "language": get_language() or "da",
        "state": _state(found.key, progress.done, progress.begun),
        "read_on": progress.done.get(found.key),
        "siblings": module.lessons,
        "module": module,
        "next": _next(whole, found, module.lessons),
        "prompt_template": "cohorts/lesson_question.html",
    }
    return render(request, "cohorts/lesson.html", context)


@login_required
@require_POST
def lesson_progress(request: PersonRequest, cohort: UUID, lesson: str) -> HttpResponse:
    """“I have read it”, “open it again”. Pressed twice, the first time stands."""
    enrolment = get_object_or_404(own_enrolments(request.user), cohort=cohort)
    found = lesson_in(programme(enrolment.cohort.programme_version.digest), lesson)
    if request.POST.get("step") == "reopen":
        progress = get_object_or_404(LessonProgress, enrolment=enrolment, lesson_key=found.key)
        if progress.state == LessonProgress.State.DONE:
            lessons.reopen(progress, now=clock.now())
    elif not LessonProgress.objects.filter(enrolment=enrolment, lesson_key=found.key, state="done").exists():
        _refuse_locked(enrolment, found)
        lessons.finish(enrolment, found.key, now=clock.now())
    return redirect("lesson", cohort, found.key)


def _refuse_locked(enrolment: Enrolment, lesson: Lesson) -> None:
    """What is not open yet cannot have been read."""
    dates = dates_of(enrolment.cohort)
    opens_on = dates.module_opens(dates.programme.module_of(lesson.key).key)
    if opens_on > clock.today(enrolment.cohort.municipality.timezone):
        raise Http404


def lesson_in(whole: Programme, key: str) -> Lesson:
    """Raises Http404 when the version has no such lesson."""
    try:
        return whole.lesson(key)
    except KeyError as unknown:
        raise Http404 from unknown


def _state(key: str, done: dict[str, Any], begun: frozenset[str]) -> str:
    return "done" if key in done else "begun" if key in begun else "new"


def _next(whole: Programme, lesson: Lesson, siblings: tuple[Lesson, ...]) -> Lesson | None:
    """The next lesson of the same module."""
    place = siblings.index(lesson)
    return siblings[place + 1] if place + 1 < len(siblings) else None
