"""Error pages that say what happened, what was kept and what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "429.html", status=429)


def broken(request: HttpRequest) -> HttpResponse:
    """Without the request: no database and no menu, for either may be what is broken."""
    return HttpResponse(render_to_string("500.html"), status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Shows what was posted once more, so that a text typed before signing in again is not lost.

    Not what another site has posted: one press would send it in the person's name.
    """
    is_from_elsewhere = "checking failed" in reason  # Django's words for a foreign Origin or Referer
    kept = [] if is_from_elsewhere else kept_fields(request)
    return render(request, "403_csrf.html", {"kept": kept}, status=403)


def kept_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """What somebody has just posted, without tokens and passwords; for showing it to them again, and nowhere else."""
    shown = [name for name in request.POST if name not in ("csrfmiddlewaretoken", "login") and "password" not in name]
    return [(name, str(value)) for name in shown for value in request.POST.getlist(name)]
