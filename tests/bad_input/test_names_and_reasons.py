"""MODEL §10, text limits and CPR-like numbers in what HR writes and others read."""

import pytest

from courseplatform.cohorts.models import Cohort, Enrolment, Workshop
from tests.bad_input.reading import words_of
from tests.bad_input.scene import SLOT

LOOKS_LIKE_CPR = {"en": "This looks like a CPR number. Take it out.", "da": "Det ligner et CPR-nummer. Fjern det."}


def given_name(enter, scene, name, language="en"):
    return enter("hr", language).post(scene.address("cohort-new"), scene.basics() | {"name": name})


@pytest.mark.parametrize("name", ["ab", "x" * 121, "\x01\x02\x03\x04", "   "])
def test_a_name_is_3_to_120_characters_that_can_be_seen(name, enter, scene):
    page = given_name(enter, scene, name)

    assert page.status_code == 200
    assert page.context["form"].errors["name"]
    assert Cohort.objects.count() == 3


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("A\u030a" * 120, "Å" * 120),
        ("  Forår\t\n 2027 ", "Forår 2027"),
        ("For\x00år\x1b 2027", "Forår 2027"),
        ("<b>Forår</b> & 'efterår'", "<b>Forår</b> & 'efterår'"),
        ("\u202eForår", "\u202eForår"),
    ],
    ids=["composed before it is counted", "one space", "no controls", "markup is only letters", "direction"],
)
def test_a_name_is_kept_as_it_is_meant(typed, kept, enter, scene):
    assert given_name(enter, scene, typed).status_code == 302
    assert Cohort.objects.filter(name=kept).exists()


@pytest.mark.parametrize("language", ["en", "da"])
def test_a_number_like_a_cpr_number_is_refused_in_what_others_read(language, enter, scene):
    hr = enter("hr", language)
    tries = [
        hr.post(scene.address("cohort-new"), scene.basics() | {"name": "Hold 010190-1234"}),
        hr.post(scene.address("workshop-move"), SLOT | {"place": "Hos 0101901234", "confirmed": "1"}),
        hr.post(scene.address("workshop-cancel"), {"reason": "Fravær: 010190 1234"}),
        hr.post(scene.address("cohort-step", step="cancel"), {"reason": "010190–1234"}),
        hr.post(scene.address("cohort-dates", pk=scene.draft), scene.dates() | {"place_for_all": "010190-1234"}),
        hr.post(scene.address("enrolment-answer"), {"answer": "withdraw", "reason": "Se 010190-1234"}),
    ]

    assert [page.status_code for page in tries] == [200, 200, 200, 200, 200, 409]
    assert all(LOOKS_LIKE_CPR[language] in words_of(page) for page in tries)
    assert Workshop.objects.get(pk=scene.workshop.pk).state == "scheduled"
    assert Enrolment.objects.get(pk=scene.enrolment.pk).state == "active"


@pytest.mark.parametrize(
    ("language", "missing", "too_long"),
    [
        ("en", "This step needs a reason. Write it in a few words.", "The reason may be 300 characters at most."),
        ("da", "Det kræver en grund. Skriv den med få ord.", "Grunden må højst fylde 300 tegn."),
    ],
)
def test_a_reason_is_there_and_is_short(language, missing, too_long, enter, scene):
    hr = enter("hr", language)
    pages = [
        hr.post(scene.address("enrolment-answer"), {"answer": "withdraw", "reason": reason})
        for reason in (" ", "x" * 301)
    ]

    assert [page.status_code for page in pages] == [409, 409]
    assert missing in words_of(pages[0])
    assert too_long in words_of(pages[1])
    assert Enrolment.objects.get(pk=scene.enrolment.pk).state == "active"
