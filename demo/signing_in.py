"""Adds the demo people to the sign-in page: one button each, through the ordinary form."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from demo.people import PASSWORD, SHOWN


def demo_people(request: HttpRequest) -> SafeString:
    """A form a person; it posts what one could have typed."""
    going_to = request.GET.get("next", "") or request.POST.get("next", "")
    context = {"people": SHOWN, "password": PASSWORD, "next": going_to}
    return render_to_string("demo/signing_in.html", context, request=request)
