from django.http import HttpRequest

from courseplatform.people.models import User


class PersonRequest(HttpRequest):
    """A request behind `login_required`: `user` is a person. For type checks only."""

    user: User
