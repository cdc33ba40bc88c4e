"""MODEL §10, participants and e-mail: each wrong row is named in HR's own language, and nothing is saved."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from courseplatform.people.models import User
from tests.bad_input.reading import words_of
from tests.factories import UserFactory
from tests.test_doors import everything_written

HEADER = "e-mail;navn;stilling;enhed;nærmeste leder\n"
LONG_ADDRESS = "x@" + "fjordby." * 31 + "example"
ROWS = [
    (
        "ikke en adresse;Ny leder",
        "“ikke en adresse” is not an e-mail address.",
        "»ikke en adresse« er ikke en e-mailadresse.",
    ),
    (
        f"{LONG_ADDRESS};Ny leder",
        f"“{LONG_ADDRESS}” is not an e-mail address.",
        f"»{LONG_ADDRESS}« er ikke en e-mailadresse.",
    ),
    (
        "alle@fjordby.example;Alle",
        "alle@fjordby.example looks like a shared mailbox. Use the person's own.",
        "alle@fjordby.example ligner en fælles postkasse. Brug personens egen.",
    ),
    (
        "leder@ærø.example;Ny leder",
        "We do not know the domain ærø.example. Allow it below if it is right.",
        "Vi kender ikke domænet ærø.example. Skriv det nedenfor, hvis det er i orden.",
    ),
    (
        "ny@fjordby.example;",
        "A new person needs a name of 2 to 120 letters.",
        "En ny person skal have et navn på 2 til 120 tegn.",
    ),
    (
        f"ny@fjordby.example;Ny leder;{'x' * 121}",
        "A job title may be 120 letters at most.",
        "En stilling må højst fylde 120 tegn.",
    ),
    (
        "ny@fjordby.example;Ny leder;;Månen",
        "There is no unit called “Månen”.",
        "Der er ingen enhed, der hedder »Månen«.",
    ),
    (
        "ny@fjordby.example;Ny leder;;;chef@fjordby.example",
        "We do not know the line manager chef@fjordby.example.",
        "Vi kender ikke den nærmeste leder chef@fjordby.example.",
    ),
    (
        "ny@fjordby.example;Ny leder 010190–1234",
        "This looks like a CPR number. Take it out.",
        "Det ligner et CPR-nummer. Fjern det.",
    ),
    ("vaek@fjordby.example;", "Tidligere leder does not work here.", "Tidligere leder arbejder ikke her."),
]
FILES = [
    (b"navn\nNy leder\n", "The first row must name the columns, and one of them is “e-mail”.",
     "Den første række skal navngive kolonnerne, og en af dem er »e-mail«."),
    (b"e-mail;navn\n", "There are no people in the list.", "Der er ingen personer på listen."),
    (b'e-mail;navn\na@fjordby.example;"Ny', "The text cannot be read as rows. A quotation mark may be missing.",
     "Teksten kan ikke læses som rækker. Måske mangler der et anførselstegn."),
    (b"e-mail;navn\n" + b"".join(b"l%d@fjordby.example;Ny\n" % n for n in range(2001)),
     "The list may have 2,000 rows at most.", "Listen må højst have 2.000 rækker."),
    (b"x" * 2_000_001, "The file is too large. It may be 2 MB.", "Filen er for stor. Den må fylde 2 MB."),
    (b"PK\x03\x04\x00\xff\xfe" * 99, "The first row must name the columns, and one of them is “e-mail”.",
     "Den første række skal navngive kolonnerne, og en af dem er »e-mail«."),
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize(("row", "english", "danish"), ROWS)
def test_a_wrong_row_is_named_and_the_list_is_kept_in_the_field(row, english, danish, language, enter, scene):
    UserFactory(email="vaek@fjordby.example", display_name="Tidligere leder", is_active=False)
    hr = enter("hr", language)
    before = everything_written()

    page = hr.post(scene.address("cohort-import", pk=scene.draft), {"text": HEADER + row, "confirmed": "1"})

    assert page.status_code == 200
    sentence = english if language == "en" else danish
    assert page.context["found"].problems[0].line == 2
    assert f"{page.context['found'].problems[0].sentence}" == sentence
    assert sentence in words_of(page)
    assert page.context["text"] == HEADER + row
    assert everything_written() == before


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize(("data", "english", "danish"), FILES)
def test_a_wrong_file_is_one_sentence(data, english, danish, language, enter, scene):
    hr = enter("hr", language)
    before = everything_written()

    file = SimpleUploadedFile("ledere.csv", data)
    page = hr.post(scene.address("cohort-import", pk=scene.draft), {"file": file, "confirmed": "1"})

    assert page.status_code == 200
    assert (english if language == "en" else danish) in words_of(page)
    assert everything_written() == before


def test_an_address_is_trimmed_and_in_small_letters_and_its_domain_may_have_danish_ones(enter, scene):
    fields = {
        "text": "e-mail;navn\n  Leder@ÆRØ.example ; Børneleder Åse \n",
        "domains": "ærø.example",
        "confirmed": "1",
    }

    enter("hr").post(scene.address("cohort-import", pk=scene.draft), fields)

    assert User.objects.get(email="leder@ærø.example").display_name == "Børneleder Åse"
