from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse


def sign_in_for_a_desk(request: HttpRequest) -> HttpResponse:
    """Where the support desk and the editor send whom they do not let in: there is one door, and it counts tries.

    A stranger signs in and comes back. Who is signed in already does not work at that desk, and is told so.
    """
    if request.user.is_authenticated:
        list(get_messages(request))  # the editor has left a word about it, and the page says the same
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", "/"))
