"""A question from the group: asked beside a text, answered or left by its author, and taken back by who asked."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courseplatform import clock
from courseplatform.journal.groups import peer_questions
from courseplatform.journal.groups.peer_questions import Text
from courseplatform.journal.groups.peer_questions_page import name_of
from courseplatform.journal.models import Experiment, InquiryQuestion, PeerQuestion
from courseplatform.journal.private_pages import is_autosave, writing_page
from courseplatform.journal.reflections.readers import name_of_writer
from courseplatform.journal.views import kept_form
from courseplatform.people.refusals import Refusal
from courseplatform.people.requests import PersonRequest

WITH_TEXTS = (
    "author__key", "enrolment", "reflection__author__key",
    "wording__project__enrolment__person__key", "experiment__enrolment__person__key",
)  # fmt: skip
Kind = PeerQuestion.Kind


# --- To ask ----------------------------------------------------------------------------------------------------------
@writing_page
def ask(request: PersonRequest, kind: str, pk: UUID) -> HttpResponse:
    """Hang a question or an appreciation beside somebody's text; advice dressed as a question gets a hint first."""
    text = _shared_text(request, kind, pk)
    if text is None:  # taken back while it was asked about: the server keeps nothing of what was typed
        return render(request, "journal/not_shared.html", {"words": request.POST.get("field-text", "")}, status=404)
    if request.method != "POST":
        return _ask_page(request, kind, text, uuid4())
    if request.POST.get("kind") not in Kind.values:
        raise Http404
    if is_autosave(request):
        return kept_form.send_quietly(request, lambda: _asked(request, text))
    words, fresh_id = request.POST.get("field-text", ""), _posted_id(request)
    try:
        place = _asked(request, text)
    except Refusal as refusal:
        return _ask_page(request, kind, text, fresh_id, words=words, problem=refusal.sentence, status=422)
    return redirect(place) if place else _ask_page(request, kind, text, fresh_id, words=words, hints=True, status=422)


def _asked(request: PersonRequest, text: Text) -> str:
    """Where it stands; "" for advice dressed as a question that has had no hint yet. Raises Refusal."""
    words, kind = request.POST.get("field-text", ""), request.POST["kind"]
    if kind == Kind.QUESTION and "hint-seen" not in request.POST and peer_questions.sounds_like_advice(words):
        return ""
    at = kept_form.pressed_at(request, clock.now())
    if peer_questions.ask(text, _posted_id(request), words, kind, by=request.user, now=at):
        question, appreciation = _("Your question stands beside the text."), _("It stands beside the text.")
        messages.success(request, question if kind == Kind.QUESTION else appreciation, extra_tags="good")
    return place_of(text)


def _shared_text(request: PersonRequest, kind: str, pk: UUID) -> Text | None:
    """None for what the person may not ask about at this moment."""
    if kind not in peer_questions.KINDS:
        raise Http404
    text: Text | None = peer_questions.KINDS[kind](request.user).filter(pk=pk).first()
    return text


def _posted_id(request: PersonRequest) -> UUID:
    try:
        return UUID(request.POST.get("entry", ""))
    except ValueError as no_id:
        raise Http404 from no_id


def _ask_page(
    request: PersonRequest, kind: str, text: Text, fresh_id: UUID, *, status: int = 200, **context: Any
) -> HttpResponse:
    name = name_of_writer(text.author, peer_questions.enrolment_of(text))
    context |= {"kind": kind, "text": text, "name": name, "fresh_id": fresh_id, "place": place_of(text)}
    return render(request, "journal/peer_ask.html", context, status=status)


def place_of(text: Text) -> str:
    """The page of the text for those it is shared with."""
    if isinstance(text, InquiryQuestion):
        return reverse("experiments-of", args=[text.project.enrolment_id])
    return reverse("experiment" if isinstance(text, Experiment) else "reflection", args=[text.pk])


@login_required
@require_POST
def take_back(request: PersonRequest, pk: UUID) -> HttpResponse:
    """One's own question, gone for everybody at the next request."""
    question = get_object_or_404(PeerQuestion.objects.by(request.user).select_related(*WITH_TEXTS), pk=pk)
    peer_questions.withdraw(question, clock.now())
    messages.success(request, _("It is taken back. It stands in your own copy alone."), extra_tags="good")
    is_open = question.text and _may_still_read(request, question.text)
    return redirect(place_of(question.text) if question.text and is_open else "group")


def _may_still_read(request: PersonRequest, text: Text) -> bool:
    kind, _field = peer_questions.FIELDS[type(text)]
    return bool(peer_questions.KINDS[kind](request.user).filter(pk=text.pk).exists())


# --- To answer, or to close ------------------------------------------------------------------------------------------
@writing_page
def answer(request: PersonRequest, pk: UUID) -> HttpResponse:
    """For the text's author: answer a question, or take the answer back."""
    question = get_object_or_404(PeerQuestion.objects.to(request.user).select_related(*WITH_TEXTS), pk=pk)
    if request.method != "POST":
        return _answer_page(request, question)
    if "take-back" in request.POST:
        peer_questions.take_answer_back(question, clock.now())
        return redirect(_own_place(question))
    if request.POST.get("keep") == "other":
        return redirect(_own_place(question))
    if is_autosave(request):
        return kept_form.send_quietly(request, lambda: _answered(request, question))
    try:
        return redirect(_answered(request, question))
    except Refusal as refusal:
        words = request.POST.get("field-text", "")
        return _answer_page(request, question, words=words, problem=refusal.sentence, status=422)


def _answered(request: PersonRequest, question: PeerQuestion) -> str:
    """Where the answer stands. Raises Refusal."""
    words, instead_of = request.POST.get("field-text", ""), request.POST.get("instead", "")
    if peer_questions.answer(question, words, by=request.user, now=clock.now(), instead_of=instead_of):
        messages.success(request, _("Your answer stands below the question."), extra_tags="good")
    return _own_place(question)


def _answer_page(request: PersonRequest, question: PeerQuestion, *, status: int = 200, **context: Any) -> HttpResponse:
    context |= {
        "question": question,
        "asked": peer_questions.words_of(question),
        "name": name_of(question),
        "given": peer_questions.answer_to(question, request.user),
        "edition": peer_questions.edition_of_answer(question),
        "place": _own_place(question),
    }
    return render(request, "journal/peer_answer.html", context, status=status)


def _own_place(question: PeerQuestion) -> str:
    """The page of the text for its author."""
    if question.text is None:
        raise Http404
    return _own_page_of(question.text)


def _own_page_of(text: Text) -> str:
    if isinstance(text, InquiryQuestion):
        return f"{reverse('experiments')}?hold={text.project.enrolment.cohort_id}"
    return place_of(text)


@login_required
@require_POST
def close(request: PersonRequest, kind: str, pk: UUID) -> HttpResponse:
    """Take no more questions about a text of one's own, or take them again."""
    if kind not in peer_questions.KINDS:
        raise Http404
    text: Text = get_object_or_404(peer_questions.own_texts(request.user, kind), pk=pk)
    peer_questions.close(text, is_closed="open" not in request.POST)
    return redirect(_own_page_of(text))
