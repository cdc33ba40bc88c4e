import pytest

from tests import database_clones
from tests.faults.ledger import LedgerSink
from tests.faults.world import World


@pytest.fixture(scope="session")
def sink(tmp_path_factory):
    """A relay that writes down what it accepts; every world begins with an empty page."""
    with LedgerSink(tmp_path_factory.mktemp("relay")) as sink:
        yield sink


@pytest.fixture
def world(django_db_setup, django_db_blocker, sink, tmp_path):
    """In a database of its own: other processes write to it, so no rollback can undo it."""
    with django_db_blocker.unblock(), database_clones.clone_of(database_clones.template()):
        world = World(tmp_path, sink)
        yield world
        world.kill_all()
