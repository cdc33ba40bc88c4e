"""How much somebody writes, and how, is measured nowhere: no scores, no word counts, no streaks (MODEL I10)."""

import re
from datetime import UTC, datetime

import pytest
import time_machine

from courseplatform.people.privacy.sealing import seal
from tests.doors import DOORS, World, address

pytestmark = pytest.mark.django_db
A_TUESDAY = datetime(2026, 10, 27, 11, tzinfo=UTC)
LITTLE, MUCH = "Nej.", "Det gik godt, og jeg er glad for det. " * 200
CHANGES_WITH_EVERY_REQUEST = re.compile(
    r"""(?<=csrfmiddlewaretoken" value=")\w+|(?<=nonce=")[^"]+|[0-9a-f]{8}-[0-9a-f-]{27}"""
)
NO_PAGES = {"write-as"}  # a fresh token every time


def seen_by(reader, world, client):
    """Every page that is open to them, by name."""
    client.force_login(getattr(world, reader))
    doors = {name for name, door in DOORS.items() if reader in door.opens_for and not door.changes} - NO_PAGES
    pages = {name: client.get(address(name, DOORS[name], world)) for name in doors}
    return {name: CHANGES_WITH_EVERY_REQUEST.sub("", page.text) for name, page in pages.items() if not page.streaming}


@pytest.mark.parametrize("reader", ["hr", "facilitator"])
def test_four_letters_and_fifteen_hundred_words_look_the_same_to_everybody_else(reader, client):
    with time_machine.travel(A_TUESDAY, tick=False):
        world = World()
        write(world.reflection, LITTLE)
        seen_by(reader, world, client)  # a first visit may say so
        of_little = seen_by(reader, world, client)
        write(world.reflection, MUCH)

        assert seen_by(reader, world, client) == of_little
        client.force_login(world.owner)
        assert MUCH.strip() in client.get(address("reflection", DOORS["reflection"], world)).text


def write(reflection, text):
    reflection.sealed = seal(reflection.author, f'{{"text": "{text}"}}', bound_to=str(reflection.pk))
    reflection.save()
