"""A database comes back from yesterday's backup: what went out since then never goes again (DELIVERY §12 S3)."""

import pytest
from django.db import connections

from courseplatform.outbox.models import Message
from courseplatform.outbox.sending import restoring
from tests import database_clones
from tests.faults.counts import dice, often, say
from tests.outbox.sequences.sink import sink
from tests.outbox.sequences.world import Scene, World
from worker import ticks

A_DAY = 24 * 60  # minutes
A_MONTH = 31  # days


@pytest.fixture
def databases(django_db_setup, django_db_blocker):
    """Whole ones, to be copied and gone back to."""
    with django_db_blocker.unblock():
        yield


def test_nothing_goes_out_again_after_a_restore(databases, settings, tmp_path):
    settings.EMAIL_BACKEND = "tests.outbox.sequences.sink.EmailBackend"
    settings.REDIS_URL = ""  # where another round's mark may be
    throw, lost = dice(), 0
    for number in range(often(50)):
        settings.VAR = tmp_path / str(number)  # the senders' mark lies outside the database
        settings.VAR.mkdir()
        with database_clones.clone_of(database_clones.current.template) as live:
            lost += live_through_it(live, throw)
    say(f"{lost} messages went out after the backups")


def live_through_it(live, throw):
    """Some weeks, a backup, some days with mails, the backup again, and all the rest. How many went out in between."""
    world = World(Scene())
    wish(world, throw)
    go_on(world, throw.randrange(3, 10))
    backed_up_at = world.now
    connections.close_all()
    with database_clones.clone_of(live) as backup:
        database_clones.point_at(live)
        world.later(throw.randrange(30, A_DAY))
        world.tick()
        go_on(world, throw.randrange(3))
        gone = what_goes_out(world, backed_up_at)
        mails = len(sink.accepted)

        database_clones.point_at(backup)
        world.later(throw.randrange(10, A_DAY))
        ticks.whole_pass(world.now)
        restored_at = world.now
        assert len(sink.accepted) == mails, "sent before anybody looked"
        restoring.confirm(restored_at)
        go_on(world, 8)  # as far as planning reaches, and a day

        assert not gone & sent_since(restored_at)
        assert len(set(sink.accepted)) == len(sink.accepted)
        assert not Message.objects.filter(state__in=["due", "claimed"], expires_at__lt=world.now).exists()
    return len(gone)


def wish(world, throw):
    """What makes people's weeks differ."""
    world.wish("a", digest=throw.choice(["off", "weekly"]), digest_day=throw.randrange(5))
    world.live_elsewhere("b", throw.choice(["America/Nuuk", "Asia/Tokyo", "Europe/Copenhagen"]))
    world.pause("c", throw.randrange(20))


def go_on(world, days):
    """Tick by tick, one a morning."""
    for _morning in world.mornings(days):
        pass


def what_goes_out(world, since):
    """On until something has: otherwise the backup knows all there is to know."""
    for _morning in world.mornings(A_MONTH):
        if gone := sent_since(since):
            return gone
    raise AssertionError("nothing went out in a month")


def sent_since(instant):
    """What reached its reader, by itself or in another one's mail."""
    sent = Message.objects.filter(state__in=["sent", "merged"], sent_at__gt=instant)
    return set(sent.values_list("enrolment", "template", "occurrence_key", "channel"))
