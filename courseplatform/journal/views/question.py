"""The question, its wordings, and how a project ends."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courseplatform import clock
from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.experiments import projects
from courseplatform.journal.experiments.forms import EndForm, KeptForm, LettingGoForm, QuestionForm
from courseplatform.journal.experiments.sealed_texts import Texts, draft_of, texts_of
from courseplatform.journal.experiments.trying import earlier_wordings, lesson_about_questions, present_wording
from courseplatform.journal.models import Project
from courseplatform.journal.private_pages import is_autosave, writing_page
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.journal.views import kept_form
from courseplatform.people.refusals import Refusal
from courseplatform.people.requests import PersonRequest
from lessons.versions import programme

ELSEWHERE = gettext_lazy(
    "It was changed on another device meanwhile. What you wrote here is in the fields. Look, and send it again."
)

WHICH = gettext_lazy("You have also written on another device. Look at both texts, and choose which one counts.")


def own_enrolment(request: PersonRequest) -> Enrolment:
    """The person's latest cohort, or that of `?hold=`. Raises Http404 for somebody on none."""
    enrolments = Enrolment.objects.followed_by(request.user)
    chosen = request.GET.get("hold")
    found = next((one for one in enrolments if chosen in (None, str(one.cohort_id))), None)
    if found is None:
        raise Http404
    return found


@writing_page
def question(request: PersonRequest) -> HttpResponse:
    """Ask it, or ask it better. It begins a project where there is none."""
    enrolment = own_enrolment(request)
    if request.method != "POST":
        return _ask_page(request, enrolment, projects.current(enrolment))
    project = projects.begin(enrolment)
    form = QuestionForm(request.POST)
    if not form.is_valid():
        return _ask_page(request, enrolment, project, form, status=400)
    edition = form.cleaned_data["edition"]
    if is_autosave(request):
        keep = partial(projects.keep_draft, project, form.texts(), edition=edition)
        return kept_form.keep_quietly(request, form, project, keep)
    if kept_form.takes_other(request):
        return redirect(request.get_full_path())
    return _ask(request, enrolment, project, form)


def _ask(request: PersonRequest, enrolment: Enrolment, project: Project, form: KeptForm) -> HttpResponse:
    if problem := projects.problem_with_question(form.texts()):
        return _keep_and_show(request, enrolment, project, form, problem[1])
    try:
        projects.ask(project, form.texts(), edition=form.cleaned_data["edition"], now=clock.now())
    except StaleError:
        return _both(request, enrolment, project, form)
    messages.success(request, _("Your question is kept. You may change it as often as you learn."), extra_tags="good")
    return redirect("experiments")


def _keep_and_show(
    request: PersonRequest, enrolment: Enrolment, project: Project, form: KeptForm, problem: object
) -> HttpResponse:
    """Keep what was typed, say what is the matter, and let it be sent again."""
    try:
        projects.keep_draft(project, form.texts(), edition=form.cleaned_data["edition"])
    except StaleError:
        return _both(request, enrolment, project, form)
    return _ask_page(request, enrolment, project, kept_form.again(form, project), status=422, problem=problem)


def _both(request: PersonRequest, enrolment: Enrolment, project: Project, form: KeptForm) -> HttpResponse:
    now = present_wording(project)
    form, other = kept_form.with_both(form, project, _stands(project, now.text if now else ""))
    return _ask_page(request, enrolment, project, form, status=409, problem=ELSEWHERE, other=other)


def _ask_page(
    request: PersonRequest,
    enrolment: Enrolment,
    project: Project | None,
    form: KeptForm | None = None,
    *,
    status: int = 200,
    problem: object = "",
    **more: Any,
) -> HttpResponse:
    now = present_wording(project) if project else None
    context = {
        "wording": now,
        "earlier": earlier_wordings(project) if project else [],
        "lesson": lesson_about_questions(programme(enrolment.cohort.programme_version.digest)),
        "cohort": enrolment.cohort,
    }
    return kept_form.page(
        request,
        "journal/project_question.html",
        form or _question_form(project, now.text if now else ""),
        status=status,
        problem=problem,
        **context,
        **more,
    )


def _question_form(project: Project | None, asked: str) -> KeptForm:
    if project is None:
        return QuestionForm(initial={"edition": 0})
    return kept_form.blank(QuestionForm, project, **_stands(project, asked))


def _stands(project: Project, asked: str) -> Texts:
    """What its author has written of it, finished or not."""
    return {"title": texts_of(project).get("title", ""), "text": asked} | draft_of(project)


@writing_page
def end(request: PersonRequest) -> HttpResponse:
    """Write the answer, or let the question go."""
    project = projects.current(own_enrolment(request))
    if project is None:
        return kept_form.no_place() if is_autosave(request) else redirect("experiments")
    form_class = LettingGoForm if "let-go" in request.POST else EndForm
    form = form_class(request.POST) if request.method == "POST" else None
    if form is None or not form.is_valid():
        return _end_page(request, project, form, status=400 if form else 200)
    if is_autosave(request):
        keep = partial(projects.keep_draft, project, form.texts(), edition=form.cleaned_data["edition"])
        return kept_form.keep_quietly(request, form, project, keep)
    if kept_form.takes_other(request):
        return redirect(request.get_full_path())
    return _end(request, project, form)


def _end(request: PersonRequest, project: Project, form: KeptForm) -> HttpResponse:
    """Where another device has written since, both texts are shown, and one is chosen."""
    lets_go = isinstance(form, LettingGoForm)
    (text,), edition = form.texts().values(), form.cleaned_data["edition"]
    try:
        is_left = (projects.abandon if lets_go else projects.conclude)(project, text, clock.now(), edition=edition)
    except StaleError:
        form, other = kept_form.with_both(form, project, draft_of(project))
        return _end_page(request, project, form, status=409, problem=WHICH, other=other)
    except Refusal as refusal:
        form, _other = kept_form.with_both(form, project, draft_of(project))
        return _end_page(request, project, form, status=409, problem=refusal.sentence)
    said = _("You have let it go. You can ask another question.") if lets_go else _("Your answer is kept.")
    messages.success(request, said, extra_tags="good")
    if is_left:
        messages.info(request, _("What else you had begun to write is a draft in your log."))
    return redirect("experiments")


def _end_page(
    request: PersonRequest, project: Project, form: KeptForm | None = None, *, status: int = 200, **context: Any
) -> HttpResponse:
    draft, lets_go = draft_of(project), isinstance(form, LettingGoForm)
    answer = kept_form.blank(EndForm, project, answer=draft.get("answer", ""))
    letting_go = kept_form.blank(LettingGoForm, project, reason=draft.get("reason", ""))
    answer, letting_go = (answer, form or letting_go) if lets_go else (form or answer, letting_go)
    letting_go.auto_id = "let_go_%s"
    context |= {"letting_go": letting_go, "lets_go": lets_go, "wording": present_wording(project)}
    context["may_conclude"] = project.state == Project.State.IN_PROGRESS
    return kept_form.page(request, "journal/project_end.html", answer, status=status, **context)
