"""A data request on its way: received → identified → in_progress → fulfilled, refused or taken back (MODEL §3).

Whoever asks here is signed in, so they are identified at once; who has left asks by letter, and a desk makes sure that
it is them. Every step is compare-and-set: two desks do it once.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from courseplatform.people.models import DataRequest, User
from courseplatform.people.refusals import Refusal
from courseplatform.people.written_text import has_cpr_like_number, tidy

State = DataRequest.State
LONGEST_GROUND = 300  # characters


def ask(person: User, kind: str, now: datetime) -> DataRequest:
    """The open request of that kind, or a new one. Twice is once."""
    return _open(person, kind, State.IDENTIFIED, person, now)


def receive(person: User, kind: str, *, by: User, now: datetime) -> DataRequest:
    """The same by letter, from somebody who has left. Raises Refusal for who can sign in: nobody asks for them."""
    if person.is_active:
        raise Refusal(_("%(name)s can sign in, and asks on their own page.") % {"name": person})
    return _open(person, kind, State.RECEIVED, by, now)


def _open(person: User, kind: str, state: State, by: User, now: datetime) -> DataRequest:
    if existing := open_request(person, kind):
        return existing
    due_on = a_month_after(now.astimezone(ZoneInfo(person.timezone)).date())
    fresh = {"state": state, "received_at": now, "due_on": due_on, "created_by": by}
    try:
        with transaction.atomic():
            return DataRequest.objects.create(person=person, kind=kind, **fresh)
    except IntegrityError:
        return DataRequest.objects.open().get(person=person, kind=kind)


def open_request(person: User, kind: str) -> DataRequest | None:
    return DataRequest.objects.open().filter(person=person, kind=kind).first()


def a_month_after(day: date) -> date:
    """The same day of the next month, or its last one where it is shorter."""
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def withdraw(request: DataRequest, now: datetime) -> None:
    """By the person, as long as it is open. Raises Refusal once it is done or refused; taken back twice is once."""
    if request.state != State.WITHDRAWN:
        _change(request, State.WITHDRAWN, DataRequest.OPEN, _("It can no longer be taken back."), ended_at=now)


def identify(request: DataRequest) -> None:
    """received → identified: the desk has made sure that the letter is theirs."""
    _change(request, State.IDENTIFIED, [State.RECEIVED], _("It is known already who asks."))


def begin(request: DataRequest) -> None:
    """identified → in_progress: whoever gets here first carries it out."""
    _change(request, State.IN_PROGRESS, [State.IDENTIFIED], _("Only a request that is open can be carried out."))


def fulfil(request: DataRequest, now: datetime) -> None:
    """in_progress → fulfilled."""
    _change(request, State.FULFILLED, [State.IN_PROGRESS], _("It has to be begun before it is done."), ended_at=now)


def refuse(request: DataRequest, ground: str, now: datetime) -> None:
    """Open →! refused, with the ground in law, which the person reads together with where to complain."""
    given = " ".join(tidy(ground).split())
    if not given or len(given) > LONGEST_GROUND or has_cpr_like_number(given):
        raise Refusal(_("Name the law it rests on, in 300 characters at most."), state=request.get_state_display())
    sentence = _("Only a request that is open can be refused.")
    _change(request, State.REFUSED, DataRequest.OPEN, sentence, ended_at=now, ground=given)


def _change(request: DataRequest, to: State, allowed: Sequence[State], sentence: object, **fields: object) -> None:
    standing = DataRequest.objects.filter(pk=request.pk, state__in=allowed)
    written = standing.update(state=to, **fields)
    request.refresh_from_db()
    if not written:
        raise Refusal(sentence, state=request.get_state_display())
