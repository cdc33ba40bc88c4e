"""MODEL §10, dates: ISO or d.m.yyyy; what cannot be is told at its field in both languages, and nothing is saved."""

import pytest

from courseplatform.cohorts.models import Cohort, Workshop
from tests.bad_input.reading import words_of
from tests.bad_input.scene import SLOT
from tests.test_doors import everything_written

FIRST_DAYS = [
    ("i morgen", "Write the date like 31.8.2026.", "Skriv datoen som 31.8.2026."),
    ("31.2.2027", "Write the date like 31.8.2026.", "Skriv datoen som 31.8.2026."),
    ("9999-12-27", "Choose a day between the years 2000 and 2099.", "Vælg en dag mellem 2000 og 2099."),
    ("0001-01-01", "Choose a day between the years 2000 and 2099.", "Vælg en dag mellem 2000 og 2099."),
    ("2027-03-02", "A cohort starts on a Monday.", "Et hold begynder på en mandag."),
    (
        "31.8.2026",
        "That Monday has passed. Say why, if the cohort is entered afterwards.",
        "Den mandag er forbi. Skriv hvorfor, hvis holdet oprettes bagefter.",
    ),
]
SLOTS = [
    ({"ends": "09:00"}, "It must end after it starts.", "Den skal slutte, efter at den er begyndt."),
    ({"starts": "08:00", "ends": "20:01"}, "It may last twelve hours at most.", "Den må højst vare tolv timer."),
    ({"day": "26.10.2026"}, "That time has passed. Choose a later one.", "Det tidspunkt er forbi. Vælg et senere."),
    ({"starts": "25:00"}, "Write the time like 8.30.", "Skriv klokkeslættet som 8.30."),
    ({"day": "31.12.9999"}, "Choose a day between the years 2000 and 2099.", "Vælg en dag mellem 2000 og 2099."),
    ({"place": " "}, "Say where: a place or a link.", "Skriv hvor: et sted eller et link."),
]


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize(("day", "english", "danish"), FIRST_DAYS)
def test_a_first_day_that_cannot_be_is_told(day, english, danish, language, enter, scene):
    page = enter("hr", language).post(scene.address("cohort-new"), scene.basics() | {"starts_on": day})

    assert page.context["form"].errors["starts_on"] == [english if language == "en" else danish]
    assert (english if language == "en" else danish) in words_of(page)
    assert Cohort.objects.count() == 3


@pytest.mark.parametrize("day", ["2027-03-01", "1.3.2027", "01.03.27", " 1.3.2027 "])
def test_a_date_is_understood_as_people_write_it(day, enter, scene):
    enter("hr").post(scene.address("cohort-new"), scene.basics() | {"starts_on": day, "name": "Skrevet sådan"})

    assert f"{Cohort.objects.get(name='Skrevet sådan').starts_on}" == "2027-03-01"


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize(("changes", "english", "danish"), SLOTS)
def test_a_workshop_does_not_move_to_where_it_cannot_be(changes, english, danish, language, enter, scene):
    hr, before = enter("hr", language), Workshop.objects.get(pk=scene.workshop.pk).starts_at

    page = hr.post(scene.address("workshop-move"), SLOT | changes | {"confirmed": "1"})

    assert (english if language == "en" else danish) in words_of(page)
    assert Workshop.objects.get(pk=scene.workshop.pk).starts_at == before


def test_a_date_that_cannot_be_leaves_all_the_other_dates_as_they_were(enter, scene):
    hr = enter("hr", "en")
    before = everything_written()

    page = hr.post(scene.address("cohort-dates", pk=scene.draft), scene.dates() | {"w3-ends": "08:00"})

    assert "It must end after it starts." in words_of(page)
    assert everything_written() == before
