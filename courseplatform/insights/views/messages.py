"""Beskeder: the ledger of one cohort. When, to whom, why or why not; never an answer."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from courseplatform.cohorts.views.hr_cohort import run_by
from courseplatform.insights import ledger
from courseplatform.outbox.models import Message
from courseplatform.outbox.reasons import sentence
from courseplatform.people.requests import PersonRequest
from courseplatform.people.written_text import search_words, tidy
from lessons.versions import programme

PER_PAGE = 50


@login_required
@require_GET
def cohort_messages(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Fifty rows at a time, newest first; `hylde`, `emne` and `q` narrow them."""
    cohort = run_by(request.user, pk)
    query = {name: tidy(request.GET.get(name, "")) for name in ("hylde", "emne", "q")}
    found = _narrowed(ledger.on_shelf(ledger.shown(cohort), query["hylde"]), query["emne"], query["q"])
    rows = found.select_related("person", "enrolment").order_by("-due_at", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "cohort": cohort,
        "page": page,
        "rows": [_row(message) for message in page],
        "query": query,
        "rest": "".join(f"{urlencode({name: value})}&" for name, value in query.items() if value),
        "shelves": ledger.counts(cohort),
    }
    return render(request, "insights/messages.html", context)


def _narrowed(messages: QuerySet[Message], template: str, words: str) -> QuerySet[Message]:
    if template:
        messages = messages.filter(template=template)
    for word in search_words(words):
        messages = messages.filter(Q(person__display_name__icontains=word) | Q(person__email__icontains=word))
    return messages


def _row(message: Message) -> dict[str, Any]:
    return {"message": message, "subject": subject(message), "why": why(message)}


def subject(message: Message) -> str:
    """The question or the reminder in the version's words; the kind of message where it has none of its own."""
    prompts = {prompt.key: prompt for prompt in programme(message.template_version).prompts}
    prompt = prompts.get(message.base_template)
    return prompt.text.read(get_language() or "da")[0] if prompt else str(message.get_kind_display()).capitalize()


def why(message: Message) -> str:
    """Why it was held back, in words; empty for a message that went its way."""
    if ledger.is_personal(message.reason):
        return _("The person's own choice.")
    return sentence(message.reason)
