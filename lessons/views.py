"""The author's publishing screen, inside the editor."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages

from courseplatform import clock
from lessons import versions
from lessons.changes import Change, Theme, diff
from lessons.english import English, english_of
from lessons.minutes import promising_too_little
from lessons.models import LessonPage, ProgrammePage, ProgrammeVersion
from lessons.pages import PagesError, drafts_below
from lessons.publishing import latest, publish_as_shown, upcoming


@require_http_methods(["GET"])
def programmes(request: HttpRequest) -> HttpResponse:
    """All programmes with their latest version."""
    pages = [page for page in ProgrammePage.objects.order_by("title") if _may_publish(request, page)]
    published = {version.programme_key: version for version in reversed(ProgrammeVersion.objects.all())}
    rows = [{"page": page, "version": published.get(page.key)} for page in pages]
    return render(request, "lessons/programmes.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows what publishing would change; publishes exactly that, or answers 409."""
    page = get_object_or_404(ProgrammePage, pk=pk)
    if not _may_publish(request, page):
        raise PermissionDenied
    if request.method == "POST":
        return _publish(request, page)
    last = latest(page.key)
    context = {"page": page, "drafts": drafts_below(page), "last": last, "english": _english(page)}
    try:
        programme = upcoming(page)
    except PagesError as error:
        return render(request, "lessons/publish.html", context | {"problems": error.problems})
    changes = diff(versions.programme(last.digest), programme) if last else ()
    digest = versions.digest_of(programme)
    context |= {"number": programme.number, "digest": digest, "themes": _by_theme(changes)}
    context["hasty"] = promising_too_little(programme)
    context["is_new"] = last is None or digest != last.digest
    return render(request, "lessons/publish.html", context)


def _publish(request: HttpRequest, page: ProgrammePage) -> HttpResponse:
    note, digest = request.POST.get("note", "")[:300], request.POST.get("digest", "")
    version = publish_as_shown(page, digest, note=note, by=request.user, now=clock.now())  # type: ignore[arg-type]
    messages.success(request, _("Version %s is published. Cohorts that run keep theirs.") % version.number)
    return redirect("lessons-programmes")


def _may_publish(request: HttpRequest, page: ProgrammePage) -> bool:
    return bool(page.permissions_for_user(request.user).can_publish())


def _by_theme(changes: tuple[Change, ...]) -> list[tuple[str, list[Change]]]:
    titles = {Theme.DATES: _("Dates"), Theme.PROMPTS: _("Prompts"), Theme.TEXTS: _("Texts")}
    themes = [(titles[theme], [change for change in changes if change.theme is theme]) for theme in Theme]
    return [(title, own) for title, own in themes if own]


def _english(page: ProgrammePage) -> dict[str, list[LessonPage]]:
    """Live lessons whose English is missing or no longer fits."""
    lessons = LessonPage.objects.descendant_of(page).live().prefetch_related("prompts", "exercises")
    states = [(lesson, english_of(lesson)) for lesson in lessons.order_by("path")]
    return {
        str(state): [lesson for lesson, own in states if own is state] for state in (English.MISSING, English.OUTDATED)
    }
