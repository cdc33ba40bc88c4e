"""Where a mail's link leads: its reader's next step, whatever the message was about. Looking changes nothing."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from courseplatform import clock
from courseplatform.cohorts.models import Workshop
from courseplatform.cohorts.views.workshop import open_to
from courseplatform.outbox.inbox.files_refused import question_of
from courseplatform.outbox.models import Message
from courseplatform.outbox.reading import answering, unsubscribing
from courseplatform.outbox.reading import my_messages as own_messages
from courseplatform.outbox.writing.event_wording import OUTSIDE
from courseplatform.outbox.writing.itip import calendar_file
from courseplatform.outbox.writing.topics import (
    conversation_of,
    is_anonymous,
    programme_of,
    prompt_of,
    read,
    statements_of,
    survey_title,
)
from courseplatform.people.models import User

Kind = Message.Kind


def _own(request: HttpRequest, pk: object) -> Message:
    """The signed-in person's own message; anybody else gets 404."""
    own = Message.objects.of(request.user)  # type: ignore[arg-type]
    return get_object_or_404(own.select_related("enrolment__person", "enrolment__cohort", "workshop", "meeting"), pk=pk)


@login_required
@require_safe
def message(request: HttpRequest, pk: object) -> HttpResponse:
    """To the page where this message is answered or read on."""
    own = _own(request, pk)
    if own.kind == Kind.PROMPT:
        return redirect("write", own.pk)
    if own.kind == Kind.EVENT and own.template in OUTSIDE:
        return redirect("home")
    if own.kind in (Kind.REMINDER, Kind.EVENT):
        return redirect("workshop", own.workshop_id) if own.workshop_id else redirect("group")
    if own.kind == Kind.BACK_OFF:
        return redirect("back-off")
    if own.kind == Kind.REPLY and (question := question_of(own)):
        return redirect("message", question.pk)
    if own.kind == Kind.CONVERSATION:
        return render(request, "outbox/conversation.html", _conversation(own))
    return render(request, "outbox/survey.html", _survey(own)) if own.kind == Kind.SURVEY else redirect("home")


def _conversation(own: Message) -> dict[str, Any]:
    conversation = conversation_of(own)
    questions, language = conversation.questions.read(get_language() or "da")
    return {
        "message": own,
        "words": None if own.is_for_sponsor else prompt_of(own).text.read(get_language() or "da"),
        "minutes": conversation.minutes,
        "questions": questions,
        "questions_language": language,
        "title": read(programme_of(own).title),
    }


def _survey(own: Message) -> dict[str, Any]:
    statements = statements_of(own)
    return {
        "message": own,
        "words": prompt_of(own).text.read(get_language() or "da"),
        "title": survey_title(own),
        "statements": [read(text) for text in statements],
        "statements_language": statements[0].read(get_language() or "da")[1] if statements else "",
        "is_anonymous": is_anonymous(own),
    }


@login_required
@require_http_methods(["POST"])
def answered(request: HttpRequest, pk: object) -> HttpResponse:
    """“We have held it”, “done elsewhere”: the reader's own word (MODEL P3)."""
    own = _own(request, pk)
    if own.kind not in (Kind.CONVERSATION, Kind.SURVEY, Kind.PROMPT):
        return redirect("message", own.pk)
    answering.answer(own, clock.now())
    return redirect("message-dismiss" if own.kind == Kind.PROMPT else "message", own.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def not_now(request: HttpRequest, pk: object) -> HttpResponse:
    """“Not now” behind a mail's link: asked once more in a page, because looking must change nothing."""
    own = _own(request, pk)
    if request.method == "POST":
        answering.dismiss(own, clock.now())
        return redirect("message-dismiss", own.pk)
    return render(request, "outbox/not_now.html", {"message": own})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """“No more of these”, from a mail program or a person: no sign-in, no cookie. Looking changes nothing.

    Answered without a redirect, because mail programs follow none (RFC 8058).
    """
    about = unsubscribing.message_behind(token)
    if about is None:
        raise Http404
    if request.method == "POST":
        (unsubscribing.go_on if "again" in request.POST else unsubscribing.stop)(about)
    kinds = unsubscribing.kinds_in(about)
    context = {
        "kinds": [unsubscribing.WHAT_STOPS[kind] for kind in kinds],
        "is_stopped": request.method == "POST" and "again" not in request.POST,
        "goes_on": request.method == "POST" and "again" in request.POST,
    }
    with translation.override(about.person.language):
        return render(request, "outbox/unsubscribe.html", context)


@login_required
@require_safe
def my_messages(request: HttpRequest) -> HttpResponse:
    """What the person will be sent and when, what came and what did not, and why. Their own alone."""
    person: User = request.user  # type: ignore[assignment]
    now, shows_all = clock.now(), "alle" in request.GET
    page, gone = own_messages.history(person, now, request.GET.get("page"))
    coming = own_messages.coming(person, now, most=None if shows_all else own_messages.SHOWN)
    context = {
        "coming": coming,
        "has_more": not shows_all and len(coming) == own_messages.SHOWN,
        "page": page,
        "gone": gone,
    }
    return render(request, "outbox/my_messages.html", context)


@login_required
@require_safe
def workshop_calendar(request: HttpRequest, pk: object) -> HttpResponse:
    """The workshop as a calendar file, for those who may open its page and only while it is planned."""
    planned = open_to(request.user).filter(state=Workshop.State.SCHEDULED)  # type: ignore[arg-type]
    workshop = get_object_or_404(planned, pk=pk)
    file = HttpResponse(calendar_file(workshop), content_type="text/calendar; charset=utf-8")
    file["Content-Disposition"] = f'attachment; filename="{workshop.key}.ics"'
    return file
