"""MODEL §10, unknown state change and stale version: 409, a sentence, where it stands now, and nothing changed."""

import pytest

from courseplatform.cohorts.models import Workshop
from tests.bad_input.reading import words_of
from tests.bad_input.scene import SLOT
from tests.test_doors import everything_written

STEPS = [
    ("hr", "workshop-move", {}, {**SLOT, "seen": "7", "confirmed": "1"},
     "Workshoppen er ændret, siden du åbnede siden, eller den er ikke planlagt. Se på den igen.", "planlagt",
     "The workshop has changed since you opened the page, or it is not planned. Look at it again.", "scheduled"),
    ("hr", "workshop-cancel", {}, {"reason": "Sygdom"}, "Kun en planlagt workshop kan aflyses.", "aflyst",
     "Only a planned workshop can be cancelled.", "cancelled"),
    ("owner", "workshop-answer", {}, {"response": "måske"}, "Svar ja, måske eller nej.", "planlagt",
     "Answer yes, perhaps or no.", "scheduled"),
    ("hr", "workshop-hold", {}, {}, "Workshoppen er ikke slut endnu.", "planlagt",
     "The workshop has not ended yet.", "scheduled"),
]  # fmt: skip


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize(("role", "door", "instead", "fields", "danish", "da_state", "english", "en_state"), STEPS)
def test_a_step_that_cannot_be_taken_says_why_and_where_it_stands(
    role, door, instead, fields, danish, da_state, english, en_state, language, enter, scene
):
    if door == "workshop-cancel":
        Workshop.objects.filter(pk=scene.workshop.pk).update(state="cancelled")
    browser = enter(role, language)
    before = everything_written()

    page = browser.post(scene.address(door, **instead), fields)

    stands = f"Det står som: {da_state}." if language == "da" else f"It stands as: {en_state}."
    assert page.status_code == 409
    assert f"{danish if language == 'da' else english} {stands}" in words_of(page)
    assert everything_written() == before


@pytest.mark.parametrize("step", ["archive", "delete"])
def test_a_cohort_takes_no_step_out_of_turn(step, enter, scene):
    hr, before = enter("hr"), everything_written()

    page = hr.post(scene.address("cohort-step", step=step))

    assert page.status_code == (404 if step == "delete" else 409)
    assert everything_written() == before
