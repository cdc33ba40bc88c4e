"""What every page costs: a literal number of queries, the same beside three people and beside thirty."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.doors import DOORS, ROLES, World, address
from tests.factories import EnrolmentFactory, MessageFactory

pytestmark = pytest.mark.django_db
A_TUESDAY = datetime(2026, 10, 27, 11, tzinfo=UTC)
QUERIES = {
    "arrival-code": 5, "arrive": 4, "arrive-with": 5, "attendance": 9, "attendance-correct": 6, "workshop-colleague": 5,
    "access": 9, "looks": 4, "cohort-lines": 6, "back-off": 4, "calendar-feed": 5, "my-calendar": 4, "own-copy": 3,
    "cohort": 20, "cohort-basics": 8, "cohort-dates": 7, "cohort-groups": 8, "cohort-messages": 9, "cohort-new":
    8, "cohort-open": 9, "cohort-people": 5, "cohort-person": 12, "cohort-preview": 14, "cohort-step": 5,
    "cohorts": 23, "facilitator": 12, "group": 11, "home": 15, "hr-sees": 11, "lesson": 8, "log":
    8, "me": 7, "message": 3, "message-dismiss": 4, "my-messages": 16, "programme": 3, "programme-of": 9,
    "programme-template": 7,
    "cohort-message": 9, "cohort-message-html": 6, "cohort-messages-file": 6,
    "cohort-version": 20, "delivery": 16,
    "agreement": 5, "meeting": 9, "meeting-cancel": 4, "meeting-day": 7, "meeting-move": 4,
    "reflection": 7, "reflection-edit": 7, "unsubscribe": 5, "workshop": 10, "workshop-calendar": 3,
    "workshop-cancel": 16, "workshop-hr": 8, "workshop-move": 4, "write": 7, "write-free": 6, "write-prompt": 5,
    "experiments": 11, "experiments-of": 3, "experiment": 9, "experiment-step": 4, "experiment-stop": 4,
    "experiment-see": 4, "experiment-reflect": 6, "question": 7, "project-end": 6,
    "insights": 5, "insight": 5, "insight-write": 5, "peer-ask": 4, "peer-answer": 4,
    "erase-me": 5, "data-request": 5, "data-requests": 5,
    "search": 3, "search-found": 3, "meeting-text": 5,
    "write-as": 2, "write-offline": 3, "offline": 3, "service-worker": 2, "manifest": 2,
}  # fmt: skip
# The demo's mail page asks one more once there is mail in its folder.
NO_PAGES = {"healthz", "readyz", "metrics", "picture", "demo-mail", "demo-mail-html", "demo-mail-one"}
PAGES = [name for name, door in DOORS.items() if not door.changes and door.opens_for and name not in NO_PAGES]


@pytest.mark.parametrize("others", [0, 30])
def test_every_page_costs_what_it_costs(others, client):
    with time_machine.travel(A_TUESDAY, tick=False):
        world = World()
        for enrolment in EnrolmentFactory.create_batch(others, cohort=world.cohort):
            MessageFactory(enrolment=enrolment)
        assert {name: queries_of(name, world, client) for name in PAGES} == QUERIES


def queries_of(name, world, client):
    """Of the second visit: the programme is read once a process, and some of Wagtail's settings."""
    client.force_login(getattr(world, next(role for role in ROLES if role in DOORS[name].opens_for)))
    where = address(name, DOORS[name], world)
    client.get(where)
    with CaptureQueriesContext(connection) as asked:
        client.get(where)
    return len(asked)
