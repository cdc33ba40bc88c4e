from types import SimpleNamespace

import _translating
import pytest
from pytest_django.plugin import blocking_manager_key

from tests import database_clones

NEEDS_NEW_ROWS = {"transactional_db", "live_server"}
worker = SimpleNamespace(clone=None)


def pytest_configure(config):
    _translating.compile_stale()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """A clone of a template that was migrated once, whatever the database: no migrations at the start of a run."""
    with django_db_blocker.unblock():
        worker.clone = database_clones.Clone()
    yield
    with django_db_blocker.unblock():
        worker.clone.close()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item):
    """A transactional test ends in a flush that takes Wagtail's root page with it: the next test gets a new clone."""
    result = yield
    marker = item.get_closest_marker("django_db")
    if worker.clone and ((marker and marker.kwargs.get("transaction")) or NEEDS_NEW_ROWS & set(item.fixturenames)):
        with item.config.stash[blocking_manager_key].unblock():
            worker.clone.renew()
    return result


@pytest.fixture
def programme():
    from tests.demo_programme import programme as demo_programme

    return demo_programme()
