"""A code that was read before its reader had signed in: kept in the session, counted once they have."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import override

from courseplatform import clock
from courseplatform.cohorts.models import Workshop
from courseplatform.cohorts.transitions.check_in import check_in
from courseplatform.people.local_dates import clock as time_of_day
from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal

KEPT = "arrival"
KEPT_FOR = timedelta(hours=12)  # whoever finds no password all morning was there all the same


def keep(session: SessionBase, workshop: Workshop, now: datetime) -> None:
    """The first reading stands: coming back to the code does not make anybody later."""
    kept = session.get(KEPT)
    if not kept or kept["workshop"] != str(workshop.pk):
        session[KEPT] = {"workshop": str(workshop.pk), "at": now.isoformat()}


def count(request: HttpRequest, workshop: Workshop, person: User, *, scanned_at: datetime, now: datetime) -> None:
    """Checks the person in and says so on the next page; or says why not."""
    try:
        row = check_in(workshop, person, scanned_at=scanned_at, now=now)
    except Refusal as refusal:
        messages.error(request, str(refusal.sentence))
        return
    said = _("You are checked in, at %(time)s. Welcome.") % {"time": time_of_day(row.scanned_at)}
    messages.success(request, said, extra_tags="good")


def count_kept(sender: type[User], request: HttpRequest, user: User, **_signal: Any) -> None:
    """Whichever way somebody has signed in. What is too old, or about a workshop that is gone, is forgotten."""
    session = getattr(request, "session", None)
    kept = session.pop(KEPT, None) if session is not None else None
    if not kept:
        return
    now, scanned_at = clock.now(), datetime.fromisoformat(kept["at"])
    workshop = Workshop.objects.select_related("cohort").filter(pk=UUID(kept["workshop"])).first()
    if workshop and now - scanned_at <= KEPT_FOR:
        with override(user.language):
            count(request, workshop, user, scanned_at=scanned_at, now=now)


def listen() -> None:
    """From now on every sign-in counts what was read before it."""
    user_logged_in.connect(count_kept, dispatch_uid="cohorts.arrivals")
