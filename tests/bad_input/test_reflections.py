"""MODEL §10 in what people write for themselves: warned about, never lost, and never blocked while it is private."""

import pytest

from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections import entries
from tests.bad_input.reading import words_of
from tests.bad_input.scene import TEXT

CPR_WARNED = {
    "en": "It looks as if there is a CPR number in it. Take it out if you can. The text is kept as a draft; "
    "you may also save it as it is, for yourself alone.",
    "da": "Det ligner et CPR-nummer. Fjern det, hvis du kan. Teksten er gemt som kladde; "
    "du må også gemme den, som den er, kun til dig selv.",
}
CPR_REFUSED = {
    "en": "It looks as if there is a CPR number in it. Take it out before you share it with anybody.",
    "da": "Det ligner et CPR-nummer. Fjern det, før du deler teksten med nogen.",
}
TOO_LONG = {
    "en": "It is 3 characters too long. Nothing is lost: shorten it and save again.",
    "da": "Teksten er 3 tegn for lang. Intet er tabt: Kort den af, og gem igen.",
}
EMPTY = {"en": "Write a line first. One is enough.", "da": "Skriv en linje først. Én er nok."}
TWO_DEVICES = {
    "en": "You have also written on another device. Both texts are kept. "
    "Choose which one counts; the other stays in the entry's history.",
    "da": "Du har også skrevet på en anden enhed. Begge tekster er gemt. "
    "Vælg, hvilken der gælder; den anden bliver i tekstens historik.",
}
WITH_CPR = "Hun ringede fra 010190-1234 i går."
languages = pytest.mark.parametrize("language", ["en", "da"])


def posted(browser, scene, text, level="private", **more):
    fields = TEXT | {"field-text": text, "visibility": level} | more
    return browser.post(scene.address("write"), fields)


def kept(scene):
    """State and text of the answer to the message, as its author last wrote it."""
    own = Reflection.objects.get(message=scene.message)
    return own.state, entries.draft_of(own)["text"]


@languages
def test_a_cpr_like_number_is_warned_about_first_and_then_the_writers_own_affair(language, enter, scene):
    browser = enter("owner", language)

    page = posted(browser, scene, WITH_CPR)
    assert (page.status_code, kept(scene)) == (422, ("draft", WITH_CPR))
    assert CPR_WARNED[language] in words_of(page)

    again = {"edition": page.context["form"]["edition"].value(), "cpr-seen": "1"}
    assert posted(browser, scene, WITH_CPR, **again).status_code == 302
    assert kept(scene) == ("saved", WITH_CPR)


@languages
def test_a_cpr_like_number_is_never_shared_and_never_lost(language, enter, scene):
    page = posted(enter("owner", language), scene, WITH_CPR, "group", **{"cpr-seen": "1"})

    assert (page.status_code, kept(scene)) == (422, ("draft", WITH_CPR))
    assert CPR_REFUSED[language] in words_of(page)


@languages
def test_a_text_three_characters_too_long_is_kept_whole(language, enter, scene):
    family = "👩🏽‍🚒"  # seven code points, one character
    text = family * 10_003

    page = posted(enter("owner", language), scene, text)

    assert (page.status_code, kept(scene)) == (422, ("draft", text))
    assert TOO_LONG[language] in words_of(page)


def test_ten_thousand_characters_are_saved_however_many_bytes_they_take(enter, scene):
    text = "👩🏽‍🚒" * 10_000

    assert posted(enter("owner"), scene, text).status_code == 302
    assert kept(scene) == ("saved", text)


@languages
@pytest.mark.parametrize("text", ["", "  \n\t ", "\x00\x1b"])
def test_nothing_is_asked_for_a_line(text, language, enter, scene):
    page = posted(enter("owner", language), scene, text)

    assert page.status_code == 422
    assert EMPTY[language] in words_of(page)
    assert not Reflection.objects.filter(message=scene.message).exists()


def test_a_text_is_composed_and_without_control_characters(enter, scene):
    posted(enter("owner"), scene, "A\u030a\x00 og\r\nlinje\x1b to\u200d")

    assert kept(scene) == ("saved", "Å og\nlinje to\u200d")


@languages
def test_two_tabs_keep_both_texts_and_ask(language, enter, scene):
    browser = enter("owner", language)
    posted(browser, scene, "Skrevet på telefonen.")

    page = posted(browser, scene, "Skrevet ved skrivebordet.")

    assert page.status_code == 409
    assert TWO_DEVICES[language] in words_of(page)
    assert "Skrevet på telefonen." in words_of(page)
    assert page.context["form"]["field-text"].value() == "Skrevet ved skrivebordet."
    own = Reflection.objects.get(message=scene.message)
    assert entries.fields_of(own)["text"] == "Skrevet på telefonen."
    assert [entries.earlier(one)["text"] for one in own.revisions.all()] == ["Skrevet ved skrivebordet."]


def test_an_autosave_from_the_other_tab_writes_over_nothing(enter, scene):
    browser = enter("owner")
    posted(browser, scene, "Skrevet på telefonen.")

    quiet = browser.post(
        scene.address("write"), TEXT | {"field-text": "Gammelt."}, headers={"X-Requested-With": "autosave"}
    )

    stands = {"kept": False, "edition": 1, "texts": {"field-text": "Skrevet på telefonen."}}
    assert (quiet.status_code, quiet.json()) == (409, stands)
    assert kept(scene) == ("saved", "Skrevet på telefonen.")
