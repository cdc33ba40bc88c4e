import os

import _translating
import hypothesis
import pytest
from django.utils import translation
from django.utils.translation.reloader import translation_file_changed
from pytest_django.plugin import blocking_manager_key

from tests import database_clones

# A slow machine is not a failing test: speed is measured in bench/.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_configure(config):
    for source in _translating.compile_stale():
        # Setting up has read translations already, and Django keeps what it found then.
        translation_file_changed(None, source.with_suffix(".mo"))


def pytest_collection_modifyitems(config, items):
    """The second pass is there for the other database: what asks none has run in the first."""
    if os.environ.get("COURSEPLATFORM_TEST_PASS") == "second":
        again = [item for item in items if asks_a_database(item) and not asks_both_alike(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(again)])
        items[:] = again


def asks_a_database(item):
    return item.get_closest_marker("django_db") or {"db", "transactional_db", "django_db_setup"} & set(
        item.fixturenames
    )


# Mail servers, forms, figures and who may open what: the database is only where their rows lie. `script/test --brief`
# asks them on the first database alone.
ALIKE_ON_BOTH = (
    "tests/bad_input/", "tests/demo/", "tests/insights/", "tests/lessons/", "tests/security/",
    "tests/cohorts/test_support_desk", "tests/journal/test_answers", "tests/journal/test_begun_drafts",
    "tests/journal/test_experiment_pages", "tests/journal/test_leaks", "tests/journal/test_meeting_",
    "tests/journal/test_own_copy", "tests/journal/test_peer_questions", "tests/journal/test_writing",
    "tests/people/test_error_pages", "tests/people/test_language",
    "tests/people/test_passkeys", "tests/people/test_signing", "tests/test_doors", "tests/test_query_counts",
    "tests/test_never_counted",
    "tests/faults/test_broker", "tests/faults/test_proxy", "tests/faults/test_relay_faults",
    "tests/faults/test_postfix", "tests/faults/test_restored",
    "tests/outbox/test_hostile_mail", "tests/outbox/test_mailboxes",
    "tests/outbox/test_outages", "tests/outbox/test_relay_tls", "tests/outbox/test_skeletons", "tests/outbox/sequences",
)  # fmt: skip


def asks_both_alike(item):
    return "COURSEPLATFORM_TESTS_BRIEF" in os.environ and item.nodeid.startswith(ALIKE_ON_BOTH)


@pytest.fixture(autouse=True)
def in_the_sites_language():
    """What an earlier test's request or words left active is not this one's language."""
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """A clone of a template that was migrated once, whatever the database: no migrations at the start of a run."""
    with django_db_blocker.unblock():
        database_clones.current = database_clones.Clone()
    yield
    with django_db_blocker.unblock():
        database_clones.current.close()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item):
    """A transactional test ends in a flush that takes Wagtail's root page with it: the next test gets a new clone."""
    result = yield
    if database_clones.current and flushes(item):
        with item.config.stash[blocking_manager_key].unblock():
            database_clones.current.renew()
    return result


def flushes(item):
    marker = item.get_closest_marker("django_db")
    return (marker and marker.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(item.fixturenames)


@pytest.fixture
def programme():
    from tests.demo_programme import programme as demo_programme

    return demo_programme()
