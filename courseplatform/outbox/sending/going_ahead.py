"""May anything be planned or sent? Not on a database from a backup, until an operator has looked (DELIVERY §12 S3).

Such a database offers mails for sending that have gone already. It gives itself away by knowing fewer claims than the
mark outside it (`sent_mark`). What the operator then decides is in `restoring`.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Subquery

from courseplatform.outbox.models import Claim, Pulse
from courseplatform.outbox.sending import sent_mark

log = logging.getLogger(__name__)
RESTORED = "restored"  # why everything stopped, and why a message does not go
THE_ROW = 1


def go_ahead(now: datetime) -> Pulse | None:
    """The pulse; None while nothing may be planned or sent. Stops everything when the database is from a backup.

    One query.
    """
    marks = sent_mark.marks()  # first: what a mark tells of was committed before it was written
    pulse, newest_claim = the_pulse()
    if pulse.stopped_at:
        return None
    missed = [mark for mark in marks if mark.database == pulse.database and mark.claim > newest_claim]
    if missed:
        _stop(missed[-1], now)
    return None if missed else pulse


def remember(claim: int, pulse: Pulse, now: datetime) -> None:
    """Notes outside the database that this claim was made, once it is committed."""
    mark = sent_mark.Mark(pulse.database, claim, now)
    transaction.on_commit(lambda: sent_mark.remember(mark))


def the_pulse() -> tuple[Pulse, int]:
    """The row, made where there is none, and the id of the newest claim; 0 before the first."""
    newest = Claim.objects.order_by("-pk").values("pk")[:1]
    pulse = Pulse.objects.annotate(newest_claim=Subquery(newest)).filter(pk=THE_ROW).first()
    if pulse is None:
        return Pulse.objects.get_or_create(pk=THE_ROW)[0], 0
    return pulse, pulse.newest_claim or 0


def _stop(missed: sent_mark.Mark, now: datetime) -> None:
    running = Pulse.objects.filter(pk=THE_ROW, stopped_at=None)
    if running.update(stopped_at=now, stopped_because=RESTORED):
        log.critical(
            "STOPPED: this database comes from a backup. Senders were at work until %s and it does not know of it. "
            "Nothing is sent before somebody runs manage.py confirm_restore.",
            missed.at.isoformat(),
        )
