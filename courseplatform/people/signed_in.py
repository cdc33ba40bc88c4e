from django.http import HttpRequest

from courseplatform.people.models import User


class SignedInRequest(HttpRequest):
    """What a view behind `login_required` gets: the user is a person."""

    user: User
