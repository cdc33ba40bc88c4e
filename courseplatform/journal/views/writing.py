"""Skriv: from a mail's link, from a lesson, or of one's own accord. What is typed is never lost."""

from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render

from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.models import Reflection
from courseplatform.journal.private_pages import is_autosave, writing_page
from courseplatform.journal.reflections import entries, writing
from courseplatform.journal.reflections.desk import Desk
from courseplatform.journal.views.writing_page import respond
from courseplatform.outbox.models import Message
from courseplatform.outbox.writing.topics import prompt_of
from courseplatform.people.models import User
from courseplatform.people.requests import PersonRequest
from lessons.shape import Programme, Prompt
from lessons.versions import programme


@writing_page
def write(request: PersonRequest, message: UUID) -> HttpResponse:
    """Answer the question of one's own message."""
    return respond(request, _desk_of_message(request.user, message))


@writing_page
def write_prompt(request: PersonRequest, cohort: UUID, prompt: str) -> HttpResponse:
    """Answer a question met in a lesson; where a mail has asked it, its answer is the same one."""
    enrolment = get_object_or_404(_enrolments(request.user), cohort=cohort)
    whole = programme(enrolment.cohort.programme_version.digest)
    asked = _prompt(whole, prompt)
    if asked is None:
        raise Http404
    own = Reflection.objects.by(enrolment.person).filter(enrolment=enrolment, prompt_key=prompt, message=None).first()
    is_underway = own is not None and own.state == Reflection.State.DRAFT
    if (mailed := _mailed(enrolment, prompt)) and not is_underway:
        # A post is never sent elsewhere: what it carries would be lost on the way.
        return redirect("write", mailed) if request.method == "GET" else write(request, mailed)
    return respond(request, Desk(enrolment, whole, asked, reflection=own, fresh_id=_posted_id(request)))


@writing_page
def write_free(request: PersonRequest) -> HttpResponse:
    """Write because one wants to; about the latest cohort, or that of `?hold=`."""
    enrolments = _enrolments(request.user)
    if chosen := request.GET.get("hold"):
        enrolments = enrolments.filter(cohort=_uuid(chosen))
    enrolment = enrolments.first()
    if enrolment is None and request.method == "POST":  # what they had written before they left is theirs to keep
        enrolment = Enrolment.objects.been_on(request.user).first()
    if enrolment is None:
        return _nowhere(request)
    whole = programme(enrolment.cohort.programme_version.digest)
    fresh_id = _posted_id(request)
    own = Reflection.objects.by(request.user).filter(pk=fresh_id).select_related("message").first()
    return respond(request, Desk(enrolment, whole, reflection=own, fresh_id=fresh_id))


def _nowhere(request: PersonRequest) -> HttpResponse:
    """For whoever has never been on a cohort. What a browser would send stays there."""
    if is_autosave(request):
        return JsonResponse({"kept": False}, status=403)
    return render(request, "journal/nothing_to_write_in.html")


@writing_page
def edit(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Go on with an entry of one's own."""
    related = ("enrolment__cohort__programme_version", "author", "message")
    reflection = get_object_or_404(Reflection.objects.by(request.user).select_related(*related), pk=pk)
    whole = entries.programme_of(reflection)
    asked = _prompt(whole, reflection.prompt_key)
    return respond(request, Desk(reflection.enrolment, whole, asked, reflection.message, reflection))


def _enrolments(person: User) -> QuerySet[Enrolment]:
    return Enrolment.objects.of(person).taking_part().select_related("cohort__programme_version", "person")


def _prompt(whole: Programme, key: str) -> Prompt | None:
    return next((one for one in whole.prompts if one.key == key), None)


def _mailed(enrolment: Enrolment, prompt: str) -> UUID | None:
    """The latest mail with that question, if one has been sent."""
    sent = Message.objects.of(enrolment.person).filter(enrolment=enrolment, template=prompt, sent_at__isnull=False)
    return sent.order_by("-sent_at").values_list("pk", flat=True).first()


def _desk_of_message(person: User, pk: UUID) -> Desk:
    asked = Message.objects.of(person).filter(kind=Message.Kind.PROMPT, enrolment__person=person)
    related = ("enrolment__cohort__programme_version", "person")
    message = get_object_or_404(asked.select_related(*related), pk=pk)
    message.enrolment.person = message.person
    whole = programme(message.template_version)
    return Desk(message.enrolment, whole, prompt_of(message), message, writing.answer_to(message))


def _posted_id(request: PersonRequest) -> UUID:
    """What the page called the new entry; another name where that one is taken, or none was given."""
    posted = _uuid(request.POST["entry"]) if "entry" in request.POST else uuid4()
    taken = Reflection.objects.filter(pk=posted).exclude(pk__in=Reflection.objects.by(request.user).values("pk"))
    return uuid4() if request.method == "POST" and taken.exists() else posted


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as no_id:
        raise Http404 from no_id
