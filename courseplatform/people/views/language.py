from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from courseplatform.people.language import CHOSEN_ON_THE_WAY_IN
from courseplatform.people.models import User

A_YEAR = 365 * 24 * 3600


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Speak that language from now on: on the person, and in a cookie for this browser.

    Chosen on the way in, it is kept for whoever signs in during this sitting (`AccountAdapter.login`).
    """
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(_safe_way_back(request))
    if language not in dict(settings.LANGUAGES):
        return response
    if isinstance(request.user, User):
        request.user.language = language
        request.user.save(update_fields=["language", "updated_at"])
    else:
        request.session[CHOSEN_ON_THE_WAY_IN] = language
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=A_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


def _safe_way_back(request: HttpRequest) -> str:
    """The page the person came from, as long as it is one of ours."""
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if is_ours and back.startswith("/") else "/"
