"""Pages that exist in the demo only."""

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from courseplatform.people.models import User
from demo import mail as post

A_PAGE = 20
# A mail is somebody else's HTML: no script, no form, nothing loaded, and it may only be framed by our own page.
MAIL_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "sandbox": ["allow-top-navigation-by-user-activation", "allow-popups"],
    "frame-ancestors": [SELF],
    "form-action": [NONE],
}


@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """Every mail the demo has sent, newest first."""
    recipient = request.GET.get("to", "").strip().casefold()
    everything = post.envelopes()
    chosen = [one for one in everything if one.to == recipient] if recipient else everything
    page = Paginator(chosen, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "demo/mails.html", {"page": page, "recipient": recipient, "people": _people(everything)})


def _people(everything: list[post.Envelope]) -> list[tuple[str, str]]:
    """Addresses that have had mail, with names where somebody here has that address."""
    addresses = {one.to for one in everything}
    names = dict(User.objects.filter(email__in=addresses).values_list("email", "display_name"))
    return sorted(((address, names.get(address, address)) for address in addresses), key=lambda person: person[1])


@require_safe
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail as its reader gets it."""
    found = _found(name)
    context: dict[str, Any] = {
        "envelope": post.envelope(name),
        "subject": found["Subject"],
        "headers": post.headers(found),
        "text": post.part(found, "plain"),
        "calendar": post.part(found, "calendar"),
    }
    return render(request, "demo/mail.html", context)


@csp(MAIL_POLICY)  # type: ignore[arg-type]
@require_safe
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part alone, locked in; its links open in the whole window."""
    html = post.part(_found(name), "html")
    return HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))


def _found(name: str) -> Any:
    try:
        return post.mail(name)
    except FileNotFoundError as missing:
        raise Http404 from missing
