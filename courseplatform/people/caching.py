from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers


class NothingKeptMiddleware:
    """Pages of somebody who is signed in are kept by no cache: after signing out, “back” shows none of them.

    A view that sets its own Cache-Control decides for itself. Signing out clears what the browser itself keeps; where
    the sitting had ended by itself, its texts wait for their author.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        if was_signed_in and request.method == "POST" and request.path == reverse("account_logout"):
            response["Clear-Site-Data"] = '"storage"'
        return response
