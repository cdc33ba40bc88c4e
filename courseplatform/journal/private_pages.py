"""What every page with somebody's own words has in common: signed in, never cached, and no typed text thrown away."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courseplatform.people.errors import kept_fields

View = Callable[..., HttpResponse]


def is_autosave(request: HttpRequest) -> bool:
    """Whether the page itself is saving (static/js/writing.js) and wants a short answer."""
    return request.headers.get("X-Requested-With") == "autosave"


def reading_page(view: View) -> View:
    """For looking only. Not kept by any cache, so that what is taken back is gone at the next request (MODEL I7)."""
    return never_cache(login_required(require_safe(view)))


def writing_page(view: View) -> View:
    """For looking and for posting a text."""
    return never_cache(keeps_text(login_required(require_http_methods(["GET", "POST"])(view))))


def keeps_text(view: View) -> View:
    """Answers a post from somebody who is signed out with their own text and a way to sign in; nothing is stored."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            if is_autosave(request):
                return JsonResponse({"kept": False}, status=401)
            return render(request, "journal/signed_out.html", {"kept": kept_fields(request)}, status=401)
        return view(request, *args, **kwargs)

    return wrapper
