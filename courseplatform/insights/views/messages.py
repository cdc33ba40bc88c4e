"""Beskeder: the ledger of one cohort, the mails in it, and the same as a file. Never an answer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from courseplatform import clock
from courseplatform.cohorts.models import Cohort
from courseplatform.cohorts.views.hr_cohort import run_by
from courseplatform.insights.ledger import file, reading, rows
from courseplatform.insights.ledger.search import COMING, GONE, Search
from courseplatform.insights.mail_seen import mail_of
from courseplatform.outbox.models import Message
from courseplatform.outbox.reading.reasons import sentence
from courseplatform.outbox.sending.admission import whole
from courseplatform.people.models import User
from courseplatform.people.privacy.audit import record_all, record_daily
from courseplatform.people.requests import PersonRequest
from lessons.models import ProgrammeVersion

PER_PAGE = 50
READ = _("Saw a mail that the programme sends you, as HR on the cohort.")
EXPORTED = _("Saved the list of when you are sent mails, as HR on the cohort.")
# A mail is a page of its own: no script, no form, nothing loaded, and framed by nobody but us.
LOCKED_IN = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "sandbox": [],
    "frame-ancestors": [SELF],
    "form-action": [NONE],
    "base-uri": [NONE],
}


@login_required
@require_GET
def cohort_messages(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Fifty rows at a time."""
    cohort, now, search = run_by(request.user, pk), clock.now(), Search.read(request.GET)
    everything = reading.shown(cohort, now)
    numbers = reading.numbers(everything)
    pages = Paginator(search.among(everything, now).values_list("pk", flat=True), PER_PAGE)
    if not search.query:
        pages.count = numbers.all  # nobody need count them once more
    page = pages.get_page(request.GET.get("page"))
    # Sorting carries along what it reads, and all are sorted to find fifty.
    found = rows.whole(search.in_order(everything.filter(pk__in=list(page))))
    context = {
        "cohort": cohort,
        "page": page,
        "rows": list(rows.rows(found)),
        "search": search,
        "numbers": numbers,
        "reasons": [(reason, sentence(reason), number) for reason, number in numbers.reasons],
        "times": [(COMING, _("yet to come")), (GONE, _("already past"))],
        "is_behind": reading.is_behind(now),
    }
    return render(request, "insights/messages.html", context)


@login_required
@require_GET
def cohort_message(request: PersonRequest, pk: UUID, message: UUID) -> HttpResponse:
    """One mail as that person gets it. Opening it is written down (MODEL I17)."""
    cohort, now = run_by(request.user, pk), clock.now()
    found = _found(cohort, message, now)
    purpose = _said_to(found.person, READ)
    record_daily(request.user, "read_message", found, about=found.person, purpose=purpose, now=now)
    context = {
        "cohort": cohort,
        "message": found,
        "row": rows.row(found),
        "is_coming": rows.moment(found) > now,
        "mail": mail_of(found, now),
        "version": ProgrammeVersion.objects.filter(digest=found.template_version).values_list("number", flat=True)[0],
    }
    return render(request, "insights/message.html", context)


@login_required
@require_GET
@csp(LOCKED_IN)  # type: ignore[arg-type]
def cohort_message_html(request: PersonRequest, pk: UUID, message: UUID) -> HttpResponse:
    """The mail's laid-out part alone, for the frame on its page."""
    now = clock.now()
    mail = mail_of(_found(run_by(request.user, pk), message, now), now)
    if mail is None:
        raise Http404
    return HttpResponse(mail.html)


@login_required
@require_GET
def cohort_messages_file(request: PersonRequest, pk: UUID) -> StreamingHttpResponse:
    """The rows of the same search as a file for a spreadsheet. Each person it is about can see that it was saved."""
    cohort, now = run_by(request.user, pk), clock.now()
    found = Search.read(request.GET).among(reading.shown(cohort, now), now)
    people = User.objects.filter(pk__in=found.order_by().values("person"))
    each = ((cohort, person, _said_to(person, EXPORTED)) for person in people)
    record_all(request.user, "export", each, now=now)
    lines = file.lines(found, cohort, get_language())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="beskeder-{now:%Y-%m-%d}.csv"'
    return response


def _found(cohort: Cohort, pk: UUID, now: datetime) -> Message:
    return get_object_or_404(whole(reading.shown(cohort, now)), pk=pk)


def _said_to(person: User, purpose: Any) -> str:
    """In the language of the person it is about: they read it on their own page."""
    with override(person.language):
        return str(purpose)
