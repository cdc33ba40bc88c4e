"""A colleague attends: found on a phone, invited, checked in by the code on the wall, and noted on the list."""

from datetime import UTC, datetime

import pytest

from courseplatform.cohorts.models import Attendance, CheckIn
from tests.browser.accessibility import assert_fits, assert_no_axe_violations
from tests.browser.conftest import DESK, sign_in
from tests.doors import World
from tests.factories import UserFactory

AT_THE_DOOR = datetime(2026, 10, 28, 7, 20, tzinfo=UTC)  # ten minutes before it begins


@pytest.fixture(scope="module")
def world(site):
    world = World()
    site.travel_to(AT_THE_DOOR)
    return world


def test_a_colleague_attends(world, new_page):
    colleague = UserFactory(display_name="Afløser på Solgården")
    manager = new_page(person=world.owner)
    manager.goto(f"/workshop/{world.workshop.pk}/")
    manager.get_by_role("link", name="Send en kollega i stedet").click()
    manager.get_by_label("Hvem kommer i stedet for dig?").fill("solgå")
    manager.get_by_role("button", name="Søg").click()
    assert_fits(manager)
    assert_no_axe_violations(manager)
    manager.get_by_role("button", name="Send Afløser på Solgården").click()
    manager.get_by_text("Afløser på Solgården kommer i stedet for dig").wait_for()
    assert_fits(manager)

    wall = new_page(size=DESK, person=world.facilitator)
    wall.goto(f"/workshop/{world.workshop.pk}/koden/")
    code = wall.locator(".code").inner_text()
    assert wall.locator(".qr svg path").count() >= 1

    phone = new_page()
    phone.goto(f"/her/{code}/")
    sign_in(phone, colleague.email)
    phone.get_by_role("heading", name="Du er her").wait_for()
    phone.get_by_role("link", name="Til workshoppen").click()
    assert "Du kommer i stedet for Ejeren" in phone.locator("main").inner_text()
    assert_fits(phone)
    assert_no_axe_violations(phone)

    wall.goto(f"/workshop/{world.workshop.pk}/fremmoede/")
    assert "Afløser på Solgården, i stedet for Ejeren" in wall.locator("main").inner_text()
    assert CheckIn.objects.get().person == colleague
    assert Attendance.objects.get(enrolment=world.enrolment).outcome == "attended"
