"""Every address × every role × somebody else's thing: 404 or the sign-in page, never 200, never 500."""

import re
from uuid import UUID

import pytest
from django.apps import apps
from django.urls import URLPattern, get_resolver

from tests.doors import DOORS, LIBRARIES, OURS_AT_A_DESK, ROLES, World, address
from tests.standing import standing

SIGN_IN = "/konto/login/"
SAMPLES = {"int": 1, "uuid": UUID(int=0), "str": "x", "slug": "x", "path": "x"}
DESKS = ("support/", "cms/", "filer/")
HARMLESS = {"cms/sprite/", "cms/jsi18n/"}  # icons and words of the editor

pytestmark = pytest.mark.django_db


def addresses(resolver=None, before=""):
    """(whole pattern, URLPattern) of every address the site has."""
    for entry in (resolver or get_resolver()).url_patterns:
        whole = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield whole, entry
        else:
            yield from addresses(entry, whole)


@pytest.fixture(scope="module")
def worlds(django_db_setup, django_db_blocker):
    with standing(World, django_db_blocker) as made:
        yield made


@pytest.fixture
def world(worlds, db):
    return worlds()


@pytest.fixture
def enter(client, world):
    def sign_in(role):
        client.logout()
        client.raise_request_exception = False
        if person := getattr(world, role):
            client.force_login(person)
        return client

    return sign_in


def is_kept_out(response):
    return response.status_code == 404 or response.headers.get("Location", "").startswith(SIGN_IN)


def written_in(model):
    return list(model._base_manager.order_by("pk").values())


def everything_written():
    """Every row of ours but the trail that looking leaves."""
    rooms = ("people", "lessons", "cohorts", "outbox", "journal")
    models = [model for room in rooms for model in apps.get_app_config(room).get_models()]
    return {model: written_in(model) for model in models if model.__name__ != "AuditEvent"}


def test_every_address_has_a_line_in_the_table():
    ours = {
        pattern.name
        for whole, pattern in addresses()
        if whole.startswith(OURS_AT_A_DESK) or not whole.startswith(LIBRARIES)
    }

    assert sorted(ours - set(DOORS)) == []
    assert sorted(set(DOORS) - ours) == []


@pytest.mark.parametrize("role", ROLES)
def test_nobody_gets_through_a_door_that_is_not_theirs(role, enter, world):
    client, before, let_in = enter(role), everything_written(), []
    for name, door in DOORS.items():
        if role in door.opens_for:
            continue
        for method in ("get", "post"):
            response = getattr(client, method)(address(name, door, world))
            if not is_kept_out(response) and response.status_code not in (401, 405):
                let_in.append(f"{method} {name}: {response.status_code} {response.headers.get('Location', '')}")

    assert not let_in, "\n".join(let_in)
    assert everything_written() == before


@pytest.mark.parametrize("role", ROLES)
def test_everybody_gets_through_their_own_doors(role, enter, world):
    client, shut = enter(role), []
    for name, door in DOORS.items():
        if role in door.opens_for:
            response = client.get(address(name, door, world))
            opened = response.status_code in ((405,) if door.changes else door.answers)
            if not opened or response.headers.get("Location", "").startswith(SIGN_IN):
                shut.append(f"{name}: {response.status_code}")

    assert not shut, "\n".join(shut)


@pytest.mark.parametrize("role", ["owner", "manager", "hr", "gone", "nobody"])
def test_the_desks_are_for_those_who_work_there(role, enter):
    client, let_in = enter(role), []
    for whole, _ in addresses():
        if whole.startswith(DESKS) and whole not in HARMLESS:
            response = client.get(f"/{sample_of(whole)}")
            if response.status_code == 200 or response.status_code >= 500:
                let_in.append(f"{whole}: {response.status_code}")

    assert not let_in, "\n".join(let_in)


def sample_of(whole):
    """An address the pattern accepts, more or less: what it misses is a 404."""
    with_values = re.sub(r"<(?:(\w+):)?\w+>", lambda found: str(SAMPLES.get(found[1] or "str", "x")), whole)
    return re.sub(r"\(\?P<\w+>[^)]*\)|[\^$\\]", "1", with_values)


def test_the_password_is_never_enough_for_somebody_who_was_shut_out(client, world):
    assert client.login(email=world.gone.email, password="en lang og venlig sætning") is False
