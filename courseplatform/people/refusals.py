"""One error for every step the rules forbid, and the clear 409 page it becomes."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class Refusal(Exception):
    """A forbidden change of state. `sentence` is for the person (translated); `state` is where things stand now."""

    def __init__(self, sentence: object, *, state: object = "") -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.state = state


class RefusalMiddleware:
    """Turns a Refusal into 409 with its sentence and the current state (MODEL §3, §10)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        return render(request, "409.html", {"refusal": exception}, status=409)
