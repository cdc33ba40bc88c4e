"""Logbog, one entry, and what others have shared."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_POST

from courseplatform import clock
from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.forms import ShareForm
from courseplatform.journal.groups.peer_questions import ASKED_ABOUT
from courseplatform.journal.groups.peer_questions_page import asked_about
from courseplatform.journal.models import Reflection
from courseplatform.journal.private_pages import reading_page
from courseplatform.journal.reflections import choosing, entries, writing
from courseplatform.journal.reflections.readers import name_of_author, readers_of
from courseplatform.people.models import AuditEvent, User
from courseplatform.people.privacy.audit import record_daily
from courseplatform.people.refusals import Refusal
from courseplatform.people.requests import PersonRequest

ENTRIES_SHOWN = 20
PURPOSE = gettext_lazy("Read an entry you share")
WITH_PROGRAMME = ("author__key", "enrolment__cohort__programme_version", "message")


@reading_page
def log(request: PersonRequest) -> HttpResponse:
    """My entries by month, newest first; all of them, or those that were chosen."""
    own = Reflection.objects.by(request.user)
    shown, query = choosing.chosen(own, request.GET)
    whole = shown.select_related(*WITH_PROGRAMME).defer("enrolment__cohort__programme_version__snapshot")
    page = Paginator(whole, ENTRIES_SHOWN).get_page(request.GET.get("page"))
    ways = choosing.choices(own)
    context = {
        "page": page,
        "rows": [_row(reflection) | {"about": choosing.about(reflection, ways)} for reflection in page],
        "choices": ways,
        "chosen": next((one for one in ways if one.query == query), None),
        "query": query,
        "may_write": Enrolment.objects.of(request.user).taking_part().exists(),
    }
    return render(request, "journal/log.html", context)


def _row(reflection: Reflection) -> dict[str, Any]:
    question, language = entries.question_of(reflection)
    written = entries.as_written(reflection)
    return {
        "reflection": reflection,
        "question": question,
        "question_language": language,
        "is_closed": written is None,
        "is_empty": written == [] and reflection.state == Reflection.State.DRAFT,
        "beginning": " ".join(answer.text for answer in written or []),
        "readers": readers_of(reflection),
    }


@reading_page
def read(request: PersonRequest, pk: UUID) -> HttpResponse:
    """One entry: mine, or what somebody shares with me at this moment. No longer shared looks like never shared."""
    reader = request.user
    visible = Reflection.objects.visible_to(reader).select_related("author__org_unit", *WITH_PROGRAMME)
    reflection = visible.filter(pk=pk).first()
    if reflection is None:
        return render(request, "journal/not_shared.html", status=404)
    if reflection.author_id == reader.pk:
        return render(request, "journal/own_entry.html", _own_page(reflection))
    author = reflection.author
    record_daily(reader, "read", reflection, about=author, purpose=_purpose(author), now=clock.now())
    page = _entry(reflection, entries.answers(reflection, entries.fields_of(reflection)))
    page |= {"name": name_of_author(reflection), "is_facilitator": _facilitates(reader, reflection)}
    page |= {"asked": asked_about([reflection], reader, clock.now()), "fresh_id": uuid4()}
    is_asked_about = reflection.visibility in ASKED_ABOUT
    page["may_ask"] = is_asked_about and reflection.takes_questions
    page["is_closed"] = is_asked_about and not reflection.takes_questions
    return render(request, "journal/shared_entry.html", page)


def _purpose(author: User) -> str:
    """In the language of the person it is about: they read it on their own page."""
    with override(author.language):
        return str(PURPOSE)


def _facilitates(reader: User, reflection: Reflection) -> bool:
    return reflection.enrolment.cohort.facilitators.filter(pk=reader.pk).exists()


def _entry(reflection: Reflection, answers: list[entries.Answer]) -> dict[str, Any]:
    question, language = entries.question_of(reflection)
    return {
        "reflection": reflection,
        "question": question,
        "question_language": language,
        "answers": answers,
        "readers": readers_of(reflection),
    }


def _own_page(reflection: Reflection) -> dict[str, Any]:
    looks = AuditEvent.objects.filter(object_id=str(reflection.pk), about=reflection.author).select_related("actor")
    written = entries.as_written(reflection)
    return _entry(reflection, written or []) | {
        "is_closed": written is None,
        "share_form": ShareForm(initial={"visibility": reflection.visibility}),
        "revisions": [] if written is None else _history(reflection),
        "looks": looks,
        "asked": asked_about([reflection], reflection.author, clock.now()),
        "may_close": reflection.visibility in ASKED_ABOUT,
    }


def _history(reflection: Reflection) -> list[dict[str, Any]]:
    return [
        {"written_at": revision.written_at, "answers": entries.answers(reflection, entries.earlier(revision))}
        for revision in reflection.revisions.select_related("reflection__author__key")
    ]


@login_required
@require_POST
def share(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Set who may read one's own entry; takes effect at everybody's next request."""
    own = Reflection.objects.by(request.user).select_related(*WITH_PROGRAMME)
    reflection = get_object_or_404(own, pk=pk)
    try:
        writing.share(reflection, request.POST.get("visibility", ""), clock.now())
    except Refusal as refusal:
        messages.error(request, str(refusal.sentence), extra_tags="wrong")
    except writing.StaleError:
        messages.error(request, _("The entry has just been changed. Look at it, and choose again."), extra_tags="wrong")
    else:
        messages.success(request, readers_of(reflection), extra_tags="good")
    return redirect("reflection", reflection.pk)


@login_required
@require_POST
def delete(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Take one's own entry away; the page it is done from has asked first. A second press says the same."""
    reflection = get_object_or_404(Reflection.objects.filter(author=request.user), pk=pk)
    if reflection.state != Reflection.State.DELETED:
        writing.delete(reflection, clock.now())
    messages.success(request, _("The entry is gone. It is erased for good in 30 days."), extra_tags="good")
    return redirect("log")
