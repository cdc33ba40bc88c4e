"""Question, plan, trial, stop, what is made of it and what it taught: on a phone, one button a screen."""

from datetime import UTC, datetime

import pytest

from courseplatform.journal.models import Experiment, Reflection
from tests.browser.accessibility import assert_fits
from tests.doors import World

A_TUESDAY = datetime(2026, 10, 27, 11, tzinfo=UTC)
QUESTION = "Hvordan kan jeg lede indførelsen, så aftenvagten får hjælp?"
SITUATION = "mandagens tavlemøde når til borgerhenvendelser"


@pytest.fixture(scope="module")
def manager(site):
    """Somebody who has not asked anything yet."""
    world = World()
    site.travel_to(A_TUESDAY)
    return world.other_group


def press_the_one_button(page):
    with page.expect_navigation():
        page.locator("main .button-primary").click()
    assert_fits(page)


def write(page, **texts):
    for name, text in texts.items():
        page.locator(f"#id_field-{name}").fill(text)


def test_a_stopped_experiment_is_a_result(manager, new_page):
    phone = new_page(person=manager)
    phone.goto("/")
    phone.get_by_role("link", name="Prøv noget lille").click()
    press_the_one_button(phone)
    write(phone, title="Tavlen", text=QUESTION)
    press_the_one_button(phone)
    assert QUESTION in phone.locator("main").inner_text()

    plan(phone)
    assert "Begynder" in phone.locator("main").inner_text()
    press_the_one_button(phone)
    press_the_one_button(phone)  # what was seen
    write(phone, text="Tre af fem spurgte")
    press_the_one_button(phone)

    phone.get_by_role("link", name="Stop den").click()
    write(phone, reason="Ferien kom i vejen")
    press_the_one_button(phone)
    press_the_one_button(phone)  # what is made of it
    phone.locator("main textarea").first.fill("Det var spørgsmålet, der virkede")
    with phone.expect_navigation():
        phone.locator("main form#writing .button-primary").click()
    phone.get_by_role("link", name="Til prøvehandlingen").click()

    assert "Du stoppede den og tænkte den igennem. Det er et resultat." in phone.locator("main").inner_text()
    press_the_one_button(phone)  # what it taught: the plan's words stand there
    assert phone.locator("#id_field-situation").input_value() == "Mandagens tavlemøde når til borgerhenvendelser"
    write(phone, now="Jeg spørger først, hver gang")
    press_the_one_button(phone)
    assert "Gemt. Kun du kan læse dette." in phone.locator("main").inner_text()
    phone.locator("#level-group").check()
    press_the_one_button(phone)
    phone.get_by_role("button", name="Tag det tilbage").click()
    phone.get_by_text("Kun du kan læse dette.").first.wait_for()

    experiment = Experiment.objects.get(enrolment__person=manager)
    assert (experiment.state, Reflection.objects.get(experiment=experiment).visibility) == ("reflected", "private")
    assert (experiment.insight.visibility, experiment.insight.consent_at) == ("private", None)


def plan(phone):
    press_the_one_button(phone)
    write(phone, title="Spørg ved tavlen")
    press_the_one_button(phone)
    write(phone, if_situation=SITUATION)
    with phone.expect_response(lambda answer: answer.request.headers.get("x-requested-with") == "autosave"):
        phone.evaluate("dispatchEvent(new Event('pagehide'))")
    phone.reload()
    assert phone.locator("#id_field-if_situation").input_value() == SITUATION
    write(phone, then_action="spørger jeg først")
    press_the_one_button(phone)
    write(phone, observe_how="Jeg tæller, hvem der svarer")
    press_the_one_button(phone)
    phone.get_by_label("Nej, kun mig").check()
    press_the_one_button(phone)
