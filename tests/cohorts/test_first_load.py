"""What a phone fetches for I dag and for a lesson: everything the page names, compressed as it is served."""

import gzip
import posixpath
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from courseplatform import clock
from tests.factories import (
    EnrolmentFactory,
    GroupFactory,
    MeetingFactory,
    MembershipFactory,
    MessageFactory,
    WorkshopFactory,
)

TUESDAY = datetime(2026, 10, 27, 8, 12, tzinfo=UTC)
FIRST, SECOND = 150_000, 30_000
NAMED = re.compile(r'(?:href|src)="/static/([^"]+)"')
IN_A_SHEET = re.compile(r"""url\(["']?([^"')]+)["']?\)""")
SQUEEZED_ALREADY = {".woff2", ".png", ".jpg", ".webp"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def html(request, client, monkeypatch):
    """The page as a manager gets it who has something of everything."""
    monkeypatch.setattr(clock, "now", lambda: TUESDAY)
    enrolment = EnrolmentFactory()
    MessageFactory(enrolment=enrolment, state="sent")
    WorkshopFactory(cohort=enrolment.cohort)
    group = GroupFactory(cohort=enrolment.cohort)
    MembershipFactory(group=group, enrolment=enrolment)
    MeetingFactory(group=group, key="g2")
    client.force_login(enrolment.person)
    things = [enrolment.cohort_id, "b2-1"] if request.param == "lesson" else []
    return client.get(reverse(request.param, args=things)).content


def files_of(html):
    """Each file once, those that a style sheet names too."""
    waiting, found = NAMED.findall(html.decode()), set()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        if name.endswith(".css"):
            near = (where for where in IN_A_SHEET.findall(content(name).decode()) if not where.startswith("data:"))
            waiting += [posixpath.normpath(posixpath.join(posixpath.dirname(name), where)) for where in near]
    return found


def content(name):
    return Path(finders.find(name)).read_bytes()


def on_the_wire(name):
    whole = content(name)
    return len(whole) if Path(name).suffix in SQUEEZED_ALREADY else len(gzip.compress(whole, 9))


@pytest.mark.parametrize("html", ["home", "lesson"], indirect=True)
def test_the_first_visit_fits_a_slow_phone_and_the_second_is_the_page_alone(html):
    names = files_of(html)
    fonts = {name for name in names if name.endswith(".woff2")}

    assert len(fonts) == 2
    assert len(html) + sum(map(on_the_wire, names)) <= FIRST
    # Files are served under the hash of their content and kept; a page is not compressed, for it holds secrets.
    assert len(html) <= SECOND
