"""The person's own language decides; before sign-in the cookie or the browser does (LocaleMiddleware)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

CHOSEN_ON_THE_WAY_IN = "language"  # in the session of somebody who is not signed in yet


class PersonLanguageMiddleware:
    """Speaks the signed-in person's language on every page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
