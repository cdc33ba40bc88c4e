"""Both languages are complete: every English string in the source has a Danish one in its room's django.po."""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import polib
import pytest
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
# How many leading arguments are text, and whether the first of them is a context.
CALLS = {"gettext": (1, False), "ngettext": (2, False), "pgettext": (2, True), "npgettext": (3, True)}
ROOMS = ["people", "cohorts", "outbox", "journal", "insights", "lessons", "worker", "demo"]
TEMPLATES_OF = {"emails": "outbox", "wagtailadmin": "lessons"}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|{\w*}")
STRING = re.compile(r"""[urb]*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""")


def folder_of(room):
    return ROOT / room if room in {"lessons", "worker", "demo"} else ROOT / "courseplatform" / room


def as_key(call, texts):
    """(context, singular, plural) of one marked string."""
    count, has_context = CALLS[call]
    context, *forms = texts[:count] if has_context else [None, *texts[:count]]
    return (context, forms[0], forms[1] if len(forms) > 1 else None)


def marked_in_python(file):
    names = {"_": "gettext", "gettext_noop": "gettext", **{call: call for call in CALLS}}
    names |= {f"{call}_lazy": call for call in CALLS}
    for node in ast.walk(ast.parse(file.read_text())):
        if not isinstance(node, ast.Call):
            continue
        call = names.get(getattr(node.func, "id", None) or getattr(node.func, "attr", ""))
        if call:
            texts = [argument.value for argument in node.args[: CALLS[call][0]] if isinstance(argument, ast.Constant)]
            assert len(texts) == CALLS[call][0], f"{file}:{node.lineno} marks something that is not a plain string"
            yield as_key(call, texts)


def marked_in_template(file):
    """Django turns the template into something like Python, in which each marked string is a call."""
    source = templatize(file.read_text(), origin=str(file))
    for found in re.finditer(r"\b(gettext|ngettext|pgettext|npgettext|_)\(", source):
        call = found[1].replace("_", "gettext") if found[1] == "_" else found[1]
        texts, position = [], found.end()
        while len(texts) < CALLS[call][0] and (string := STRING.match(source, position)):
            texts.append(ast.literal_eval(string[0]))
            position = re.compile(r"[\s,]*").match(source, string.end()).end()
        yield as_key(call, texts)


def room_of_template(file):
    top = file.relative_to(ROOT / "templates").parts[0]
    return TEMPLATES_OF.get(top, top if top in ROOMS else "people")


@cache
def marked(room):
    """Every marked string of the room, with one place where it stands."""
    found = {}
    folder = folder_of(room)
    python = [file for file in folder.rglob("*.py") if "migrations" not in file.parts]
    if room == "people":
        python += (ROOT / "courseplatform").glob("*.py")
    for file in python:
        found |= {key: file.relative_to(ROOT) for key in marked_in_python(file)}
    for file in sorted((ROOT / "templates").rglob("*.*")):
        if room_of_template(file) == room:
            found |= {key: file.relative_to(ROOT) for key in marked_in_template(file)}
    return found


@cache
def danish(room):
    file = folder_of(room) / "locale" / "da" / "LC_MESSAGES" / "django.po"
    return polib.pofile(str(file)) if file.exists() else polib.POFile()


def key_of(entry):
    return (entry.msgctxt, entry.msgid, entry.msgid_plural or None)


def forms_of(entry):
    return [text for _, text in sorted(entry.msgstr_plural.items())] if entry.msgid_plural else [entry.msgstr]


def is_translated(entry):
    return (
        not entry.fuzzy
        and not entry.obsolete
        and all(forms_of(entry))
        and len(forms_of(entry)) > bool(entry.msgid_plural)
    )


@pytest.mark.parametrize("room", ROOMS)
def test_every_string_has_a_danish_one(room):
    translated = {key_of(entry) for entry in danish(room) if is_translated(entry)}
    missing = [f"{place}: {key[1]!r}" for key, place in marked(room).items() if key not in translated]

    assert missing == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_translation_is_left_over(room):
    assert [entry.msgid for entry in danish(room) if key_of(entry) not in marked(room)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_translations_keep_their_placeholders(room):
    wrong = []
    for entry in danish(room):
        wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        *fewer, last = forms_of(entry)
        # "One message" may do without its number, and so may "én besked".
        if set(PLACEHOLDER.findall(last)) != wanted or any(set(PLACEHOLDER.findall(form)) - wanted for form in fewer):
            wrong.append(f"{entry.msgid!r} → {last!r}")

    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_danish_says_how_it_counts(room):
    if len(danish(room)):
        assert danish(room).metadata["Plural-Forms"] == "nplurals=2; plural=(n != 1);"
        assert "charset=UTF-8" in danish(room).metadata["Content-Type"]


def test_the_same_english_is_the_same_danish_in_every_room():
    said = defaultdict(dict)
    for room in ROOMS:
        for entry in danish(room):
            said[key_of(entry)].setdefault(tuple(forms_of(entry)), room)

    assert [(key[1], ways) for key, ways in said.items() if len(ways) > 1] == []


def test_marked_strings_are_found_in_every_way_of_writing_them(tmp_path):
    python, html = tmp_path / "a.py", tmp_path / "a.html"
    python.write_text('_("one" " two")\nngettext_lazy("%(n)s hour", "%(n)s hours", n)\npgettext("verb", "Share")\n')
    html.write_text(
        "{% translate 'Save' %} {{ _('Kept') }} {% translate 'May' context 'month' %}"
        "{% blocktranslate count n=days trimmed %}\n {{ n }} day\n{% plural %}{{ n }} days{% endblocktranslate %}"
    )

    assert set(marked_in_python(python)) == {
        (None, "one two", None),
        (None, "%(n)s hour", "%(n)s hours"),
        ("verb", "Share", None),
    }
    assert set(marked_in_template(html)) == {
        (None, "Save", None),
        (None, "Kept", None),
        ("month", "May", None),
        (None, "%(n)s day", "%(n)s days"),
    }
