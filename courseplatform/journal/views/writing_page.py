"""One page for all ways into writing: show, keep while it is written, save, and never lose a line."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from courseplatform import clock
from courseplatform.journal.forms import EntryForm
from courseplatform.journal.models import Reflection
from courseplatform.journal.private_pages import is_autosave
from courseplatform.journal.reflections import entries, writing
from courseplatform.journal.reflections.desk import Desk
from courseplatform.journal.reflections.earlier import earlier
from courseplatform.journal.reflections.readers import readers_of, sentences
from courseplatform.journal.views.autosaving import autosave
from courseplatform.outbox.reading.not_kept import not_kept
from courseplatform.people.requests import PersonRequest


def respond(request: PersonRequest, desk: Desk) -> HttpResponse:
    """The page, or what becomes of a post."""
    if request.method != "POST":
        return _page(request, desk, desk.blank())
    desk.posted_model = request.POST.get("model", "")
    form = EntryForm(desk.model, request.POST, question=desk.question[0])
    if not form.is_valid():
        return _page(request, desk, form, status=400)
    if is_autosave(request):
        return autosave(request, desk, form)
    if request.POST.get("keep") in CHOICES:
        return CHOICES[request.POST["keep"]](request, desk, form)
    if "switch" in request.POST:
        return _switch_model(request, desk, form)
    return _save(request, desk, form)


def _save(request: PersonRequest, desk: Desk, form: EntryForm) -> HttpResponse:
    texts, readers = form.texts(), form.new_readers()
    if not any(texts.values()):
        return _page(request, desk, form, problem=writing.problem_with(texts, readers), status=422)
    reflection = desk.begun()
    level = readers or reflection.visibility
    if problem := writing.problem_with(texts, level):
        return _keep_and_show(request, desk, form, problem=problem)
    if level == Reflection.Visibility.PRIVATE and writing.looks_like_cpr(texts) and "cpr-seen" not in request.POST:
        return _keep_and_show(request, desk, form, warns_of_cpr=True)
    edition, now = form.cleaned_data["edition"], clock.now()
    try:
        writing.save(reflection, texts, edition=edition, now=now, model_key=desk.model.key, visibility=readers)
    except writing.StaleError:
        return _both_texts(request, desk, form)
    messages.success(request, _("Saved. %(readers)s") % {"readers": readers_of(reflection)}, extra_tags="good")
    return redirect("reflection", reflection.pk)


def _keep_and_show(request: PersonRequest, desk: Desk, form: EntryForm, **context: Any) -> HttpResponse:
    """Keep what was posted as a draft, and show it again with the new edition."""
    reflection, edition = desk.begun(), form.cleaned_data["edition"]
    try:
        writing.keep_draft(reflection, form.texts(), edition=edition, model_key=desk.model.key)
    except writing.StaleError:
        return _both_texts(request, desk, form)
    return _page(request, desk, desk.blank(), status=422, **context)


def _both_texts(request: PersonRequest, desk: Desk, form: EntryForm) -> HttpResponse:
    """Written on two devices: what was typed here and the other text side by side, both kept before anybody chooses."""
    reflection = desk.begun()
    reflection.refresh_from_db(fields=writing.CHANGING)
    writing.keep_aside(reflection, form.texts(), clock.now())
    other = entries.answers(reflection, entries.draft_of(reflection))
    written_on = form.cleaned_data["edition"]
    return _page(request, desk, desk.form_with(form.texts()), other=other, written_on=written_on, status=409)


def _keep_mine(request: PersonRequest, desk: Desk, form: EntryForm) -> HttpResponse:
    """The other one goes into the author's history."""
    reflection = desk.begun()
    writing.keep_aside(reflection, entries.draft_of(reflection), clock.now())
    return _save(request, desk, form)


def _keep_other(request: PersonRequest, desk: Desk, form: EntryForm) -> HttpResponse:
    """What was typed here goes into the author's history."""
    writing.keep_aside(desk.begun(), form.texts(), clock.now())
    desk.posted_model = ""
    return _page(request, desk, desk.blank())


def _keep_all(request: PersonRequest, desk: Desk, form: EntryForm) -> HttpResponse:
    """One below the other, as a draft to put right."""
    reflection, edition = desk.begun(), form.cleaned_data["edition"]
    reflection.refresh_from_db(fields=writing.CHANGING)
    whole = entries.together(entries.draft_of(reflection), form.texts(), desk.model)
    try:
        writing.keep_draft(reflection, whole, edition=edition, model_key=desk.model.key)
    except writing.StaleError:
        return _both_texts(request, desk, form)
    return _page(request, desk, desk.blank())


CHOICES = {"mine": _keep_mine, "other": _keep_other, "both": _keep_all}


def _switch_model(request: PersonRequest, desk: Desk, form: EntryForm) -> HttpResponse:
    """Another set of fields; what was written moves into its first one. Nothing written begins nothing."""
    written = "\n\n".join(filter(None, form.texts().values()))
    model = entries.model_of(desk.whole, request.POST["switch"])
    if desk.reflection is None and not written:
        desk.posted_model = model.key
        return _page(request, desk, desk.blank())
    reflection = desk.begun()
    moved, edition = {model.fields[0].key: written}, form.cleaned_data["edition"]
    try:
        writing.keep_draft(reflection, moved, edition=edition, model_key=model.key)
    except writing.StaleError:
        return _both_texts(request, desk, form)
    desk.posted_model = model.key
    return _page(request, desk, desk.blank())


def _page(request: PersonRequest, desk: Desk, form: EntryForm, *, status: int = 200, **context: Any) -> HttpResponse:
    question, question_language = desk.question
    titles = [(one.key, one.title.read(get_language() or "da")[0]) for one in desk.whole.reflection_models]
    page = {
        "form": form,
        "question": question,
        "question_language": question_language,
        "model": desk.model,
        "other_models": [(key, title) for key, title in titles if key != desk.model.key and desk.is_new],
        "is_lone": len(desk.model.fields) == 1,
        "readers": readers_of(desk.reflection),
        "sentences": sentences(),
        "message": desk.message,
        "not_kept": not_kept(request.user, clock.now(), desk.message) if desk.message else None,
        "reflection": desk.reflection,
        "fresh_id": desk.fresh_id,
        "experiment": desk.about,
        "earlier": earlier(desk, clock.today(request.user.timezone)),
    }
    return render(request, "journal/write.html", page | context, status=status)
