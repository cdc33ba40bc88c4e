from collections.abc import Callable

from csp.constants import SELF, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse

EDITOR = "/cms/"


class EditorPolicyMiddleware:
    """Lets the editor's own inline scripts run, and nobody else's: Wagtail starts its panels that way.

    What an author previews is a participant's page and keeps the strict policy: it is made by an inner request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(EDITOR):
            response._csp_update = {  # type: ignore[attr-defined]  # what django-csp's decorator sets
                "script-src": [SELF, UNSAFE_INLINE],
                "style-src": [SELF, UNSAFE_INLINE],
            }
        return response
