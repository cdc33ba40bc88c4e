"""The rooms' borders and the house rules that a reader should never have to check by eye (docs/decisions)."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin

ROOT = Path(__file__).resolve().parent.parent
# Each room, and the rooms it may import from. `worker` and `demo` see all, and nobody sees them.
SEES = {
    "people": set(),
    "lessons": {"people"},
    "cohorts": {"people", "lessons"},
    "outbox": {"people", "lessons", "cohorts"},
    "journal": {"people", "lessons", "cohorts", "outbox"},
    "insights": {"people", "lessons", "cohorts", "outbox", "journal"},
}
SEES["worker"] = {*SEES}
SEES["demo"] = {*SEES, "worker"}
LONGEST_FILE = 350
SHELVES_FOR_ANYTHING = {"utils", "util", "helpers", "helper", "services", "service", "common", "misc"}

python_files = sorted(
    file
    for folder in ("courseplatform", "lessons", "worker", "demo", "script", "bench", "tests")
    for file in (ROOT / folder).rglob("*.py")
    if "migrations" not in file.parts
)
templates = sorted((ROOT / "templates").rglob("*.html"))


@cache
def tree(file):
    return ast.parse(file.read_text(), str(file))


def short(file):
    return str(file.relative_to(ROOT) if file.is_relative_to(ROOT) else file)


def room_of(dotted):
    """The room a module belongs to; None for the project's own files and for libraries."""
    words = dotted.split(".")
    if words[0] == "courseplatform":
        words = words[1:]
    return words[0] if words and words[0] in SEES else None


def imported(file):
    """Every module the file imports, at the top or inside a function, with its line."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{short(file)}:{node.lineno} imports relatively"
            # `from courseplatform import outbox` names the room only in what it takes.
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def wrong_imports(file, room):
    for line, module in imported(file):
        target = room_of(module)
        if target and target != room and target not in SEES[room]:
            yield f"{short(file)}:{line} {room} imports {target}"


def test_rooms_import_only_from_rooms_to_their_left():
    found = [
        wrong
        for file in python_files
        if (room := room_of(".".join(file.relative_to(ROOT).with_suffix("").parts)))
        for wrong in wrong_imports(file, room)
    ]

    assert found == []


def test_the_project_itself_imports_rooms_only_in_settings_and_urls():
    allowed = {"urls.py", "settings.py", "wsgi.py"}
    found = [
        f"{short(file)}:{line} imports {module}"
        for file in (ROOT / "courseplatform").glob("*.py")
        if file.name not in allowed
        for line, module in imported(file)
        if room_of(module)
    ]

    assert found == []


def test_a_wrong_import_is_found_wherever_it_hides(tmp_path):
    hidden = tmp_path / "late.py"
    hidden.write_text(
        "def late():\n    from courseplatform import journal\n    import courseplatform.insights.figures\n"
    )

    assert list(wrong_imports(hidden, "cohorts")) == [
        f"{hidden}:2 cohorts imports journal",
        f"{hidden}:3 cohorts imports insights",
    ]


WRITTEN = {"Reflection", "Project", "InquiryQuestion", "Experiment", "Observation", "Insight", "PeerQuestion"}


def unguarded_reads(file):
    """Uses of a manager of what people write that do not go on with `visible_to`."""
    nodes = list(ast.walk(tree(file)))
    guarded = {id(node.value) for node in nodes if isinstance(node, ast.Attribute) and node.attr == "visible_to"}
    for node in nodes:
        is_manager = isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}
        if is_manager and id(node) not in guarded and ast.unparse(node.value).split(".")[-1] in WRITTEN:
            yield f"{short(file)}:{node.lineno}"


def test_outside_the_journal_what_people_write_is_read_only_through_visible_to():
    outside = [file for file in python_files if not {"journal", "tests"} & set(file.parts)]

    assert [place for file in outside for place in unguarded_reads(file)] == []


def test_an_unguarded_read_is_found(tmp_path):
    file = tmp_path / "figures.py"
    file.write_text("Reflection.objects.visible_to(hr)\nReflection.objects.count()\nmodels.Reflection.objects.all()\n")

    assert list(unguarded_reads(file)) == [f"{file}:2", f"{file}:3"]


def test_no_desk_shows_what_people_write():
    private = set(apps.get_app_config("journal").get_models())

    assert private & set(admin.site._registry) == set()


def test_files_are_short_enough_to_be_one_noun():
    long = {short(file): lines for file in python_files if (lines := len(file.read_text().splitlines())) > LONGEST_FILE}

    assert long == {}


def test_files_are_named_after_what_they_do():
    assert [short(file) for file in python_files if file.stem.strip("_") in SHELVES_FOR_ANYTHING] == []


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a style attribute", r"<[^>]*\sstyle\s*="),
        ("a style element", r"<style[\s>]"),
        ("a script with a body", r"<script\b(?![^>]*\bsrc=)"),
        ("a handler attribute", r"<[^>]*\son[a-z]+\s*="),
        ("an hx-on attribute", r"<[^>]*\shx-on"),
        ("a javascript: address", r"javascript:"),
    ],
)
def test_templates_need_nothing_the_strict_policy_forbids(what, pattern):
    # Mails are read elsewhere and carry their own style; they are never served as pages.
    pages = [file for file in templates if "emails" not in file.parts]
    found = [
        f"{short(file)} has {what}" for file in pages if re.search(pattern, without_comments(file.read_text()), re.I)
    ]

    assert found == []


def without_comments(text):
    text = re.sub(r"{%\s*comment\b.*?{%\s*endcomment\s*%}", "", text, flags=re.S)
    return re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", text, flags=re.S)


def test_components_take_only_what_they_are_given():
    careless = re.compile(r'{%\s*include\s+"components/[^"]+"(?![^%]*\bonly\b)[^%]*%}')
    # The frame's own parts show who is signed in and where.
    pages = [file for file in templates if file.name != "base.html"]
    found = [f"{short(file)}: {hit}" for file in pages for hit in careless.findall(file.read_text())]

    assert found == []
