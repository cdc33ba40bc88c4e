"""Forløb and Lektion: what a participant follows."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from courseplatform import clock
from courseplatform.cohorts.calendar.dates import CohortDates, EventDate, dates_of
from courseplatform.cohorts.models import Enrolment, LessonProgress
from courseplatform.cohorts.progress import group_of, own_attendances, own_lines, progress_of
from courseplatform.cohorts.read_texts import as_read
from courseplatform.cohorts.transitions import lesson as lessons
from courseplatform.people.requests import PersonRequest
from lessons.shape import Lesson, Module, Programme, Workshop
from lessons.versions import knowing, programme


@login_required
@require_safe
def my_programme(request: PersonRequest) -> HttpResponse:
    """To the programme of the person's latest cohort, opened at “nu”."""
    enrolment = Enrolment.objects.followed_by(request.user).first()
    if enrolment is None:
        return render(request, "cohorts/no_programme.html")
    return redirect(f"{reverse('programme-of', args=[enrolment.cohort_id])}#nu")


@login_required
@require_safe
def programme_page(request: PersonRequest, cohort: UUID) -> HttpResponse:
    """The three lines, and what is open just now."""
    enrolment = get_object_or_404(Enrolment.objects.followed_by(request.user), cohort=cohort)
    today = clock.today(enrolment.cohort.municipality.timezone)
    dates, progress = dates_of(enrolment.cohort), progress_of(enrolment, today)
    lines = own_lines(enrolment, dates, progress, own_attendances(enrolment), today, group_of(enrolment))
    context = {
        "cohort": enrolment.cohort,
        "dates": dates,
        "week": dates.week_of(today) + 1,
        "is_running": dates.starts_on <= today <= dates.ends_on,
        "lines": lines,
        "now": [
            (line, [one for one in line.stretches if one.opens_on <= today <= one.closes_on]) for line in lines.lines
        ],
        "as_list": request.GET.get("vis") == "liste",
    }
    return render(request, "cohorts/programme.html", context)


@login_required
@require_safe
def lesson_page(request: PersonRequest, cohort: UUID, lesson: str) -> HttpResponse:
    """One lesson to read, or its three minutes; before its module opens, only when it does. Looking changes nothing."""
    enrolment = get_object_or_404(Enrolment.objects.followed_by(request.user), cohort=cohort)
    whole = _version_to_read(enrolment, lesson)
    found = lesson_in(whole, lesson)
    dates = replace(dates_of(enrolment.cohort), programme=whole)
    module = whole.module_of(found.key)
    opens_on, today = dates.module_opens(module.key), clock.today(enrolment.cohort.municipality.timezone)
    context: dict[str, Any] = {"cohort": enrolment.cohort, "lesson": found, "programme": whole, "opens_on": opens_on}
    if opens_on > today:
        return render(request, "cohorts/lesson_locked.html", context)
    progress = progress_of(enrolment, today)
    place = module.lessons.index(found)
    context |= {
        "enrolment": enrolment,
        "language": get_language() or "da",
        "read_on": progress.done.get(found.key),
        "has_changed": progress.has_changed(found.key, as_read(whole, found)),
        "left": progress.left.get(found.key),
        "short_address": "?kort",
        "is_short": "kort" in request.GET and found.short is not None,
        "track": whole.tracks.index(whole.track_of(module.key)) + 1,
        "module": module,
        "done": progress.done,
        "next": next(iter(module.lessons[place + 1 :]), None),
        "used_at": _used_at(dates, module),
        "prompt_template": "cohorts/lesson_question.html",
    }
    return render(request, "cohorts/lesson.html", context)


def _used_at(dates: CohortDates, module: Module) -> tuple[Workshop, EventDate] | None:
    """The first workshop that is held while the module runs, as planned and as it stands."""
    first, last = dates.module_opens(module.key), dates.module_closes(module.key)
    known = {one.key for one in dates.programme.workshops}
    for event in (one for one in dates.workshops if one.key in known):
        if event.starts_at and not event.is_cancelled and first <= dates.local(event.starts_at).date() <= last:
            return dates.programme.workshop(event.key), event
    return None


@login_required
@require_POST
def lesson_progress(request: PersonRequest, cohort: UUID, lesson: str) -> HttpResponse:
    """“I have read it”, “open it again”, or the page's own word of where somebody is. Twice does no harm."""
    enrolment = get_object_or_404(Enrolment.objects.followed_by(request.user), cohort=cohort)
    whole = _version_to_read(enrolment, lesson)
    found = lesson_in(whole, lesson)
    _refuse_locked(enrolment, whole, found)
    step = request.POST.get("step")
    if step == "begin":
        return _begun(enrolment, found, request.POST.get("paragraph", ""))
    read = LessonProgress.objects.filter(enrolment=enrolment, lesson_key=found.key, state=LessonProgress.State.DONE)
    progress = read.first()
    if step == "reopen" and progress:
        lessons.reopen(progress, now=clock.now())
    elif step == "done":
        _read(enrolment, progress, found.key, as_read(whole, found))
    return redirect("lesson", cohort, found.key)


def _read(enrolment: Enrolment, progress: LessonProgress | None, lesson: str, text: str) -> None:
    """For the first time, or anew where it has changed since."""
    if progress is None:
        lessons.finish(enrolment, lesson, now=clock.now(), read_as=text)
    elif progress.read_as not in ("", text):
        lessons.read_anew(progress, text, now=clock.now())


def _begun(enrolment: Enrolment, lesson: Lesson, paragraph: str) -> HttpResponse:
    """Nothing of the text comes with it: a paragraph is a number."""
    if re.fullmatch(r"[1-9]\d{0,2}", paragraph, re.ASCII):
        lessons.leave(enrolment, lesson.key, int(paragraph), now=clock.now())
    else:
        lessons.begin(enrolment, lesson.key)
    return HttpResponse(status=204)


def _version_to_read(enrolment: Enrolment, lesson: str) -> Programme:
    """The cohort's; for a lesson it has left out, and the person has begun, the last one that had it."""
    whole = programme(enrolment.cohort.programme_version.digest)
    is_left_out = all(one.key != lesson for one in whole.lessons)
    if is_left_out and LessonProgress.objects.filter(enrolment=enrolment, lesson_key=lesson).exists():
        return knowing(whole, "lessons", lesson)
    return whole


def _refuse_locked(enrolment: Enrolment, whole: Programme, lesson: Lesson) -> None:
    """What is not open yet cannot have been read."""
    dates = replace(dates_of(enrolment.cohort), programme=whole)
    opens_on = dates.module_opens(dates.programme.module_of(lesson.key).key)
    if opens_on > clock.today(enrolment.cohort.municipality.timezone):
        raise Http404


def lesson_in(whole: Programme, key: str) -> Lesson:
    """Raises Http404 when the version has no such lesson."""
    try:
        return whole.lesson(key)
    except KeyError as unknown:
        raise Http404 from unknown
