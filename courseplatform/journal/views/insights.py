"""Læringspunkter: three lines from one's own experiment, and those that others have agreed to share."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from courseplatform import clock
from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.experiments.days import WITH_AUTHOR
from courseplatform.journal.experiments.forms import KeptForm
from courseplatform.journal.experiments.sealed_texts import texts_of
from courseplatform.journal.insights import focus_areas, sharing, writing
from courseplatform.journal.insights.forms import ConsentForm, InsightForm
from courseplatform.journal.models import Experiment, Insight
from courseplatform.journal.private_pages import is_autosave, reading_page, writing_page
from courseplatform.journal.reflections.readers import name_of_author
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.journal.views import kept_form
from courseplatform.journal.views.experiments import own as own_experiment
from courseplatform.journal.views.question import WHICH
from courseplatform.people.models import AuditEvent, User
from courseplatform.people.refusals import Refusal
from courseplatform.people.requests import PersonRequest
from courseplatform.people.written_text import has_cpr_like_number
from lessons.versions import programme

SHOWN = 10
KEPT = gettext_lazy("Kept. Only you can read this.")


# --- To read ---------------------------------------------------------------------------------------------------------
@reading_page
def all_of_them(request: PersonRequest) -> HttpResponse:
    """My own with who may read them, and what others share with me, newest first. To be shown one is to read it."""
    reader, area = request.user, request.GET.get(focus_areas.IN_ADDRESS, "")
    ways = focus_areas.ways_to_look(Insight.objects.shared_with(reader))
    chosen = next((way for way in ways if way.query == f"{focus_areas.IN_ADDRESS}={area}"), None) if area else ways[0]
    page = _page_of(reader, area, chosen.number if chosen else 0, request.GET.get("page"))
    sharing.note_reading(reader, list(page), now=clock.now())
    own = Insight.objects.by(reader).select_related(*WITH_AUTHOR) if page.number == 1 and not area else []
    context = {
        "page": page,
        "choices": ways[1:] and ways,
        "chosen": chosen,
        "query": chosen.query if chosen else area,
        "rows": [_row(one) | {"name": name_of_author(one)} for one in page],
        "own": [_row(one) | {"readers": sharing.readers_of(one)} for one in own],
    }
    return render(request, "journal/insights.html", context)


def _page_of(reader: User, area: str, number: int, asked: str | None) -> "Page[Insight]":
    """Those shared with the reader, in that focus area if one is named. `number` is known, and not counted again."""
    shared = Insight.objects.shared_with(reader).select_related("enrolment__person__org_unit", *WITH_AUTHOR)
    chosen = shared.filter(focus_area=area) if area else shared
    paginator = Paginator(chosen.order_by("-consent_at", "pk"), SHOWN)
    paginator.__dict__["count"] = number
    return paginator.get_page(asked)


def _row(insight: Insight) -> dict[str, Any]:
    return {"insight": insight, "words": texts_of(insight), "area": focus_areas.area_of(insight)}


@reading_page
def mine(request: PersonRequest, pk: UUID) -> HttpResponse:
    """One of my own: its three lines, who may read them, and the consent."""
    insight = _own(request, pk)
    words, municipality = texts_of(insight), insight.enrolment.cohort.municipality
    levels = [(level, level.label, sharing.readers_at(level, municipality)) for level in sharing.LEVELS]
    looks = AuditEvent.objects.filter(object_id=str(insight.pk), about=request.user).exclude(actor=request.user)
    context = {
        "insight": insight,
        "words": words,
        "area": focus_areas.area_of(insight),
        "readers": sharing.readers_of(insight),
        "problem": writing.problem_with(words),
        "levels": levels,
        "looks": looks.select_related("actor"),
    }
    return render(request, "journal/insight.html", context)


def _own(request: PersonRequest, pk: UUID) -> Insight:
    return get_object_or_404(Insight.objects.by(request.user).select_related(*WITH_AUTHOR), pk=pk)


# --- To write --------------------------------------------------------------------------------------------------------
@writing_page
def write(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The three lines, from an experiment of one's own that is thought through."""
    experiment = own_experiment(request, pk)
    insight = writing.of(experiment)
    if request.method != "POST":
        if insight and insight.is_shared:
            return redirect("insight", insight.pk)
        return _write_page(request, experiment, insight, _blank(experiment, insight))
    form = InsightForm(request.POST)
    if not form.is_valid():
        return _write_page(request, experiment, insight, form, status=400)
    if insight is None:  # nothing stands there that could be written over
        insight, form.cleaned_data["edition"] = writing.begin(experiment), 0
    if is_autosave(request):
        keep, finish = partial(_keep, insight, form), partial(_finish_quietly, request, insight, form)
        return kept_form.keep_quietly(request, form, insight, keep, finish)
    return _save(request, experiment, insight, form)


def _blank(experiment: Experiment, insight: Insight | None) -> InsightForm:
    if insight is None:
        return InsightForm(initial={"edition": 0, **writing.suggestion(experiment)})
    kept = {"edition": insight.edition, "focus_area": insight.focus_area}
    return InsightForm(initial=kept | texts_of(insight))


def _keep(insight: Insight, form: KeptForm) -> bool:
    edition, area = form.cleaned_data["edition"], _chosen_area(insight, form)
    return writing.keep(insight, form.texts(), edition=edition, focus_area=area)


def _chosen_area(insight: Insight, form: KeptForm) -> str:
    """A focus area of the author's programme, or none."""
    area: str = form.cleaned_data["focus_area"]
    return area if area in _areas(insight.enrolment) else ""


def _areas(enrolment: Enrolment) -> dict[str, str]:
    return focus_areas.areas_of(programme(enrolment.cohort.programme_version.digest))


def _finish_quietly(request: PersonRequest, insight: Insight, form: KeptForm) -> str:
    """Where it can be read, by its author alone; "" where they have to be warned first. Raises StaleError."""
    if _holds_unseen_cpr(request, form):
        return ""
    if _keep(insight, form):
        messages.success(request, KEPT, extra_tags="good")
    return reverse("insight", args=[insight.pk])


def _holds_unseen_cpr(request: PersonRequest, form: KeptForm) -> bool:
    """A CPR-like number is only warned of as long as nobody else can read it."""
    return any(map(has_cpr_like_number, form.texts().values())) and "cpr-seen" not in request.POST


def _save(request: PersonRequest, experiment: Experiment, insight: Insight, form: InsightForm) -> HttpResponse:
    """Kept for its author alone. Where another device has written since, both texts are shown, and one is chosen."""
    chosen, edition = request.POST.get("keep", ""), form.cleaned_data["edition"]
    texts = kept_form.together(form, texts_of(insight)) if chosen == "both" else form.texts()
    try:
        if chosen != "other":
            writing.keep(insight, texts, edition=edition, focus_area=_chosen_area(insight, form))
    except StaleError:
        again, other = kept_form.with_both(form, insight, texts_of(insight))
        return _write_page(request, experiment, insight, again, status=409, problem=WHICH, other=other)
    except Refusal as refusal:  # shared meanwhile: what was typed stays on the page
        again = kept_form.again(form, insight)
        return _write_page(request, experiment, insight, again, status=409, problem=refusal.sentence)
    if chosen in ("other", "both"):
        return redirect("insight-write", experiment.pk)
    if _holds_unseen_cpr(request, form):
        again = kept_form.again(form, insight)
        return _write_page(request, experiment, insight, again, status=422, warns_of_cpr=True)
    messages.success(request, KEPT, extra_tags="good")
    return redirect("insight", insight.pk)


def _write_page(
    request: PersonRequest, experiment: Experiment, insight: Insight | None, form: InsightForm, **context: Any
) -> HttpResponse:
    if insight is None:
        writing.must_be_thought_through(experiment)
    context |= {"experiment": experiment, "title": texts_of(experiment).get("title", "")}
    form.offer(_areas(experiment.enrolment))
    context["readers"] = _("Only you can read this. When it is finished, you may share it.")
    return kept_form.page(request, "journal/insight_write.html", form, **context)


# --- To share and to take back ---------------------------------------------------------------------------------------
@login_required
@require_POST
def share(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Consent to readers, or take it back; takes effect at everybody's next request."""
    insight, form = _own(request, pk), ConsentForm(request.POST)
    if not form.is_valid():
        raise Http404
    level, edition = form.cleaned_data["visibility"], form.cleaned_data["edition"]
    try:
        if level == Insight.Visibility.PRIVATE:
            sharing.take_back(insight, clock.now())
        else:
            sharing.share(insight, level, edition=edition, now=clock.now())
    except Refusal as refusal:
        messages.error(request, str(refusal.sentence), extra_tags="wrong")
    except StaleError:
        messages.error(request, _("It has just been changed. Look at it, and choose again."), extra_tags="wrong")
    else:
        messages.success(request, sharing.readers_of(insight), extra_tags="good")
    return redirect("insight", pk)


@login_required
@require_POST
def throw_away(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Erase one of one's own; the page it is done from has asked first. A second press says the same."""
    if Insight.objects.filter(pk=pk).exists():
        writing.throw_away(_own(request, pk))
    messages.success(request, _("The learning point is erased."), extra_tags="good")
    return redirect("insights")
