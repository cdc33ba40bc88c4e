import os
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection

from tests import database_clones
from tests.faults.ledger import LedgerSink
from tests.faults.own_postgres import OwnPostgres
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


@pytest.fixture(scope="session")
def own_server(django_db_setup):
    """A server that may be killed, where the database is one: the other tests need theirs."""
    if connection.vendor == "sqlite":
        yield None
        return
    server = OwnPostgres(settings.VAR / f"faults-postgres-{os.environ.get('PYTEST_XDIST_WORKER', '')}")
    yield server
    server.thaw()
    server.stop()


@pytest.fixture
def own_world(request, django_db_blocker, own_server, sink, tmp_path):
    """A world that may break down, with its database server."""
    if own_server is None:
        yield request.getfixturevalue("world")
        return
    with django_db_blocker.unblock(), connected_to(own_server.copy_of(*template())):
        world = World(tmp_path, sink, own_server)
        yield world
        world.kill_all()


def template():
    """Where the migrated template lies, and its name."""
    name = database_clones.template()
    return database_clones.databases().url(name), name


@contextmanager
def connected_to(database):
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(database)
    yield
    connection.close()
    connection.settings_dict.update(before)
