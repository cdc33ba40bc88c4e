"""A text that arrives after the session has ended is shown again and not thrown away (MODEL §10)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from courseplatform.people.errors import kept_fields

View = Callable[..., HttpResponse]


def is_autosave(request: HttpRequest) -> bool:
    """Whether the page itself is saving (static/js/writing.js) and wants a short answer."""
    return request.headers.get("X-Requested-With") == "autosave"


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
