"""Skriv: from a mail's link, from a lesson, or of one's own accord. What is typed is never lost."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from courseplatform import clock
from courseplatform.cohorts.models import Enrolment
from courseplatform.journal import entries, writing
from courseplatform.journal.forms import EntryForm
from courseplatform.journal.models import Reflection
from courseplatform.journal.readers import readers_of
from courseplatform.journal.signed_out import is_autosave, keeps_text
from courseplatform.outbox.models import Message
from courseplatform.outbox.topics import prompt_of
from courseplatform.people.refusals import Refusal
from courseplatform.people.requests import PersonRequest
from lessons.shape import Programme, Prompt
from lessons.versions import programme


@dataclass
class Desk:
    """What is being written: whose, about what, and the entry if it has been begun."""

    enrolment: Enrolment
    whole: Programme
    prompt: Prompt | None = None
    message: Message | None = None
    reflection: Reflection | None = None
    fresh_id: UUID = field(default_factory=uuid4)  # what a new entry will be called: sent twice, it is made once

    @property
    def question(self) -> tuple[str, str]:
        """The question and its language; ("", "") when nobody asked."""
        return self.prompt.text.read(get_language() or "da") if self.prompt else ("", "")

    @property
    def model_key(self) -> str:
        if self.reflection:
            return self.reflection.model_key
        return self.prompt.reflection_model if self.prompt else "free"

    def begun(self, model_key: str) -> Reflection:
        """The entry, made now if this is the first line of it."""
        if self.reflection is None:
            self.reflection = writing.begin(
                self.enrolment,
                message=self.message,
                prompt_key=self.prompt.key if self.prompt else "",
                model_key=model_key,
                pk=self.fresh_id,
                on=clock.today(self.enrolment.person.timezone),
            )
        return self.reflection


@keeps_text
@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "POST"])
def write(request: PersonRequest, message: UUID) -> HttpResponse:
    """Answer the question of one's own message."""
    return _write(request, _desk_of_message(request, message))


@keeps_text
@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "POST"])
def write_prompt(request: PersonRequest, cohort: UUID, prompt: str) -> HttpResponse:
    """Answer a question met in a lesson; the message about it counts as answered too, if there is one."""
    enrolment = get_object_or_404(_enrolments(request), cohort=cohort)
    whole = programme(enrolment.cohort.programme_version.digest)
    asked = next((one for one in whole.prompts if one.key == prompt), None)
    if asked is None:
        raise Http404
    arrived = Message.objects.of(enrolment.person).filter(enrolment=enrolment, template=prompt)
    if latest := arrived.filter(sent_at__isnull=False).order_by("-sent_at").first():
        return redirect("write", latest.pk)
    own = Reflection.objects.by(enrolment.person).filter(enrolment=enrolment, prompt_key=prompt, message=None)
    return _write(request, Desk(enrolment, whole, asked, reflection=own.first()))


@keeps_text
@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "POST"])
def write_free(request: PersonRequest) -> HttpResponse:
    """Write because one wants to."""
    enrolment = _enrolments(request).first()
    if enrolment is None:
        return render(request, "journal/nothing_to_write_in.html")
    desk = Desk(enrolment, programme(enrolment.cohort.programme_version.digest))
    if request.method == "POST":
        desk.fresh_id = _posted_id(request)
        desk.reflection = Reflection.objects.by(enrolment.person).filter(pk=desk.fresh_id).first()
    return _write(request, desk)


@keeps_text
@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "POST"])
def edit(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Go on with an entry of one's own."""
    own = Reflection.objects.by(request.user).select_related(
        "enrolment__cohort__programme_version", "author", "message"
    )
    reflection = get_object_or_404(own, pk=pk)
    whole = entries.programme_of(reflection)
    prompt = next((one for one in whole.prompts if one.key == reflection.prompt_key), None)
    return _write(request, Desk(reflection.enrolment, whole, prompt, reflection.message, reflection))


# --- One page for all four ways in -----------------------------------------------------------------------------------
def _enrolments(request: PersonRequest) -> QuerySet[Enrolment]:
    own = Enrolment.objects.of(request.user).taking_part()
    return own.select_related("cohort__programme_version", "person")


def _desk_of_message(request: PersonRequest, pk: UUID) -> Desk:
    asked = Message.objects.of(request.user).filter(kind=Message.Kind.PROMPT)
    message = get_object_or_404(asked.select_related("enrolment__cohort__programme_version", "person"), pk=pk)
    if message.person_id != message.enrolment.person_id:
        raise Http404
    message.enrolment.person = message.person
    reflection = writing.answer_to(message)
    return Desk(message.enrolment, programme(message.template_version), prompt_of(message), message, reflection)


def _posted_id(request: PersonRequest) -> UUID:
    try:
        return UUID(request.POST.get("entry", ""))
    except ValueError as no_id:
        raise Http404 from no_id


def _write(request: PersonRequest, desk: Desk) -> HttpResponse:
    if request.method != "POST":
        return _page(request, desk, _unbound(desk))
    model = entries.model_of(desk.whole, request.POST.get("model", "") or desk.model_key)
    form = EntryForm(model, request.POST, question=desk.question[0])
    if not form.is_valid():
        return _page(request, desk, form, status=400)
    if is_autosave(request):
        return _autosave(desk, form, model.key)
    if "switch" in request.POST:
        return _switch_model(request, desk, form)
    return _save(request, desk, form, model.key)


def _autosave(desk: Desk, form: EntryForm, model_key: str) -> JsonResponse:
    """Keeps the draft and tells its new edition; 409 when it was written elsewhere since."""
    reflection = desk.begun(model_key)
    try:
        writing.keep_draft(reflection, form.texts(), edition=form.cleaned_data["edition"], model_key=model_key)
    except writing.StaleError:
        return JsonResponse({"kept": False}, status=409)
    return JsonResponse({"kept": True, "edition": reflection.edition})


def _unbound(desk: Desk) -> EntryForm:
    model = entries.model_of(desk.whole, desk.model_key)
    kept = entries.draft_of(desk.reflection) if desk.reflection else {}
    edition = desk.reflection.edition if desk.reflection else 0
    return EntryForm(model, initial=EntryForm.initial_for(kept, edition), question=desk.question[0])


def _save(request: PersonRequest, desk: Desk, form: EntryForm, model_key: str) -> HttpResponse:
    texts, now = form.texts(), clock.now()
    if problem := writing.problem_with(texts):
        return _page(request, desk, form, problem=problem, status=422)
    reflection = desk.begun(model_key)
    if writing.looks_like_cpr(texts) and not reflection.is_shared and "cpr-seen" not in request.POST:
        return _keep_and_show(request, desk, form, warns_of_cpr=True)
    try:
        writing.save(reflection, texts, edition=form.cleaned_data["edition"], now=now)
    except writing.StaleError:
        return _both_texts(request, desk, form)
    except Refusal as refusal:
        return _page(request, desk, form, problem=refusal.sentence, status=422)
    messages.success(request, _("Saved. %(readers)s") % {"readers": readers_of(reflection)}, extra_tags="good")
    return redirect("reflection", reflection.pk)


def _keep_and_show(request: PersonRequest, desk: Desk, form: EntryForm, **context: Any) -> HttpResponse:
    """Keep what was posted as a draft, and show it again with the new edition."""
    reflection = desk.begun(desk.model_key)
    try:
        writing.keep_draft(reflection, form.texts(), edition=form.cleaned_data["edition"])
    except writing.StaleError:
        return _both_texts(request, desk, form)
    return _page(request, desk, _unbound(desk), status=422, **context)


def _both_texts(request: PersonRequest, desk: Desk, form: EntryForm) -> HttpResponse:
    """Written on two devices: what was typed here stays in the fields, the other text stands above it."""
    reflection = desk.reflection
    if reflection is None:
        raise Http404
    reflection.refresh_from_db()
    other = entries.answers(reflection, entries.draft_of(reflection))
    writing.keep_both(reflection, clock.now())
    model = entries.model_of(desk.whole, desk.model_key)
    typed = EntryForm.initial_for(form.texts(), reflection.edition)
    again = EntryForm(model, initial=typed, question=desk.question[0])
    return _page(request, desk, again, other=other, status=409)


def _switch_model(request: PersonRequest, desk: Desk, form: EntryForm) -> HttpResponse:
    """Another set of fields; what was written moves into its first one."""
    model = entries.model_of(desk.whole, request.POST["switch"])
    written = "\n\n".join(text for text in form.texts().values() if text)
    reflection = desk.begun(model.key)
    moved = {model.fields[0].key: written}
    try:
        writing.keep_draft(reflection, moved, edition=form.cleaned_data["edition"], model_key=model.key)
    except writing.StaleError:
        return _both_texts(request, desk, form)
    return _page(request, desk, _unbound(desk))


def _page(request: PersonRequest, desk: Desk, form: EntryForm, *, status: int = 200, **context: Any) -> HttpResponse:
    question, question_language = desk.question
    model = entries.model_of(desk.whole, desk.model_key)
    is_new = desk.reflection is None or desk.reflection.state == Reflection.State.DRAFT
    page = {
        "form": form,
        "question": question,
        "question_language": question_language,
        "model": model,
        "models": [(one.key, one.title.read(get_language() or "da")[0]) for one in desk.whole.reflection_models],
        "may_switch": is_new,
        "is_lone": len(model.fields) == 1,
        "readers": readers_of(desk.reflection),
        "message": desk.message,
        "reflection": desk.reflection,
        "cohort": desk.enrolment.cohort,
        "fresh_id": desk.fresh_id,
    }
    return render(request, "journal/write.html", page | context, status=status)
