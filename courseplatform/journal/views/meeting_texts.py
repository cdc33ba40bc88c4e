"""What one said or noted at a group meeting: changed or taken away by its author."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courseplatform import clock
from courseplatform.journal.groups import meeting_texts
from courseplatform.journal.groups.meetings import may_facilitator_read, meetings_of
from courseplatform.journal.models import Commitment, MeetingNote, Reflection
from courseplatform.journal.private_pages import is_autosave, writing_page
from courseplatform.journal.reflections.readers import sentences
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.journal.views import kept_form
from courseplatform.people.models import User
from courseplatform.people.privacy.sealing import KeyDestroyedError
from courseplatform.people.refusals import Refusal
from courseplatform.people.requests import PersonRequest

Visibility = Reflection.Visibility
RELATED = ("author__key", "meeting__group", "meeting__facilitator_invitation")


@writing_page
def meeting_text(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The author's own wording, to read again and to change. What cannot be kept is said, with the text as typed."""
    row = _own(request.user, pk)
    if row is None:
        raise Http404
    if request.method != "POST":
        return _page(request, row, _said(row))
    if is_autosave(request):
        return kept_form.send_quietly(request, lambda: _changed(request, row))
    if kept_form.takes_other(request):
        return redirect("meeting-text", pk)
    typed = request.POST.get("field-text", "")
    try:
        return redirect(_changed(request, row))
    except StaleError:
        row.refresh_from_db(fields=["sealed"])
        return _page(request, row, typed, says_now=_said(row), status=409)
    except Refusal as refusal:
        return _page(request, row, typed, problem=refusal.sentence, status=422)


def _changed(request: PersonRequest, row: Commitment | MeetingNote) -> str:
    """Where it stands. Raises Refusal, and StaleError where it was changed since it was read."""
    typed, edition = request.POST.get("field-text", ""), request.POST.get("edition", "")
    meeting_texts.change(row, typed, edition=edition, now=clock.now())
    messages.success(request, _("Kept."), extra_tags="good")
    return reverse("meeting-text", args=[row.pk])


def _own(person: User, pk: UUID) -> Commitment | MeetingNote | None:
    found: Commitment | MeetingNote | None = None
    for kind in (Commitment, MeetingNote):
        found = found or kind.objects.by(person).filter(pk=pk).select_related(*RELATED).first()
    return found


def _said(row: Commitment | MeetingNote) -> str | None:
    """None once its author's key is destroyed."""
    try:
        return meeting_texts.text_of(row)
    except KeyDestroyedError:
        return None


def _page(
    request: PersonRequest, row: Commitment | MeetingNote, text: str | None, *, status: int = 200, **context: Any
) -> HttpResponse:
    shared = Visibility.FACILITATOR if may_facilitator_read(row) else Visibility.GROUP
    is_here = meetings_of(request.user).filter(pk=row.meeting_id).exists()
    page = {
        "row": row,
        "text": text,
        "is_promise": isinstance(row, Commitment),
        "edition": meeting_texts.edition_of(row),
        "is_here": is_here,
        "readers": sentences()[shared if is_here else Visibility.PRIVATE],
    }
    return render(request, "journal/meeting_text.html", page | context, status=status)


@login_required
@require_POST
def take_text_away(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Gone for everybody. A second press finds nothing, and says the same; what is another's is nobody's to take."""
    row = _own(request.user, pk)
    if row is not None:
        meeting_texts.take_away(row)
    elif any(kind.objects.filter(pk=pk).exists() for kind in (Commitment, MeetingNote)):
        raise Http404
    messages.success(request, _("It is taken away, for everybody."), extra_tags="good")
    return redirect("meeting", row.meeting_id) if row else redirect("group")
