"""Where somebody is signed in, for themselves alone.

Kept of each session: when it began, the day it was last used, and the kind of device in two words. Not its address
on the net, and not all that the browser tells of itself. It goes when the session goes (`forget_ended`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from typing import Any

from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from courseplatform.people.models import User
from courseplatform.people.signing_in.devices import device_of

NO_ADDRESS = "0.0.0.0"  # noqa: S104 - the library's column wants one
BEGAN_ON = "began_on"  # in the session itself
REMEMBERED = 10_000  # sessions that a process knows to have been seen today


@dataclass(frozen=True)
class Place:
    """Where the person is signed in. `device` is empty when the browser did not say."""

    pk: int
    device: str
    last_seen: datetime
    is_here: bool


def places_of(request: HttpRequest, person: User) -> list[Place]:
    """This place first, then the one that was used last. A few queries for each."""
    here = request.session.session_key
    if not UserSession.objects.filter(session_key=here).exists():
        UserSession.objects.create_from_request(request)
    living = UserSession.objects.purge_and_list(person)
    places = [Place(one.pk, one.user_agent, one.last_seen_at, one.session_key == here) for one in living]
    return sorted(places, key=lambda place: (place.is_here, place.last_seen), reverse=True)


def sign_out_at(request: HttpRequest, person: User, pk: int) -> str:
    """Ends one other session, from its next request on; its device, "" where that is not known or it had ended already.

    Raises Http404 for somebody else's.
    """
    there = UserSession.objects.filter(pk=pk).exclude(session_key=request.session.session_key).first()
    if there is None:
        return ""
    if there.user_id != person.pk:
        raise Http404
    get_adapter().end_sessions([there])
    device: str = there.user_agent
    return device


def sign_out_elsewhere(request: HttpRequest, person: User) -> None:
    """Ends every other session, also one that is in no list. This one goes on, under a new key."""
    person.sign_out_everywhere()
    here = request.session.session_key
    get_adapter().end_sessions(UserSession.objects.filter(user=person).exclude(session_key=here))
    update_session_auth_hash(request, person)
    UserSession.objects.filter(session_key=here).update(session_key=request.session.session_key)


def forget_ended() -> None:
    """What has run out, and what was kept about it. Sessions go by Django's clock, which nobody shifts."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


@receiver(pre_save, sender=UserSession)
def _keep_little(instance: UserSession, **_: Any) -> None:
    instance.ip = NO_ADDRESS
    instance.user_agent = device_of(instance.user_agent)


@receiver(user_logged_in)
def _has_begun(request: HttpRequest, **_: Any) -> None:
    request.session[BEGAN_ON] = timezone.localdate().isoformat()


class LastSeenMiddleware:
    """Writes down that a session is in use: once a day in each process, so that other requests cost no query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.seen: dict[str, date] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key and request.user.is_authenticated and self._is_new_today(request, key):
            UserSession.objects.filter(session_key=key).update(last_seen_at=timezone.now())
        return self.get_response(request)

    def _is_new_today(self, request: HttpRequest, key: str) -> bool:
        today = timezone.localdate()
        if request.session.get(BEGAN_ON) == today.isoformat() or self.seen.get(key) == today:
            return False
        if len(self.seen) >= REMEMBERED:
            self.seen.clear()
        self.seen[key] = today
        return True
