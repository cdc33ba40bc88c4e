"""Lesson files: YAML front matter, then Markdown, one file a language."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from lessons.marked_yaml import MarkedDict, MarkedList, read_yaml
from lessons.problems import Place, Problem
from lessons.words import clean

SHARED = ("id", "track", "module", "order", "focus_area", "slug", "minutes", "prompts", "exercises")
OWN = ("title", "language", "twin", "aims", "short")
MAY_BE_MISSING = ("twin", "short")


class LessonFile(NamedTuple):
    """One language of one lesson, as written."""

    name: str
    front: MarkedDict
    body: str
    body_line: int

    def get(self, key: str) -> Any:
        return self.front.get(key)

    def problem(self, key: str, sentence: str) -> Problem:
        return Problem(*self.front.place_of(key), sentence)


def read_text(path: Path, name: str, problems: list[Problem]) -> str:
    """The file's text, cleaned; empty where it is not UTF-8."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(Problem(name, line, _("The file is not UTF-8. Save it as UTF-8 and try again.")))
        return ""
    return clean(text)


def read_lesson_file(path: Path, problems: list[Problem]) -> LessonFile | None:
    """The file, or None where it has no front matter to go by; either way `problems` tells."""
    name = f"lessons/{path.name}"
    text = read_text(path, name, problems)
    if not text:
        return None
    head, fence, body = text.removeprefix("---\n").partition("\n---\n")
    if not text.startswith("---\n") or not fence:
        problems.append(Problem(name, 1, _("A lesson begins with front matter between two lines of three dashes.")))
        return None
    told = len(problems)
    front = read_yaml(head, name, problems, first_line=2)
    if not isinstance(front, MarkedDict):
        if told < len(problems):
            return None
        problems.append(Problem(name, 2, _("The front matter is not a list of keys and values.")))
        return None
    blank_lines = len(body) - len(body.lstrip("\n"))
    lesson = LessonFile(name, front, body.strip("\n"), head.count("\n") + 4 + blank_lines)
    problems.extend(_wrong_keys(lesson))
    return lesson


def _wrong_keys(lesson: LessonFile) -> Iterable[Problem]:
    for key in lesson.front:
        if key not in SHARED + OWN:
            yield lesson.problem(key, _("“%(name)s” is not a key of this format.") % {"name": key})
    for key in SHARED + OWN:
        if key not in lesson.front and key not in MAY_BE_MISSING:
            yield lesson.problem(key, _("“%(name)s” is missing.") % {"name": key})
    expected = f"lessons/{lesson.get('id')}-{lesson.get('slug')}.{lesson.get('language')}.md"
    if lesson.name != expected:
        yield lesson.problem("id", _("By its front matter this file should be called %s.") % expected)
    if not lesson.body:
        yield Problem(lesson.name, lesson.body_line, _("The lesson has no text."))


def in_pairs(files: Iterable[LessonFile], problems: list[Problem]) -> list[tuple[LessonFile, LessonFile | None]]:
    """Each Danish lesson with its English twin, if it names one."""
    by_name = {file.name: file for file in files}
    danish = [file for file in by_name.values() if file.get("language") == "da"]
    pairs = [(file, _twin(file, by_name, problems)) for file in danish]
    paired = {twin.name for _danish, twin in pairs if twin}
    for file in by_name.values():
        if file.get("language") != "da" and file.name not in paired:
            problems.append(file.problem("twin", _("No Danish lesson names this file as its twin.")))
    problems.extend(problem for pair in pairs for problem in _differences(*pair))
    return pairs


def _twin(file: LessonFile, by_name: dict[str, LessonFile], problems: list[Problem]) -> LessonFile | None:
    named = file.get("twin")
    if named is None:
        return None
    twin = by_name.get(f"lessons/{named}")
    if twin is None:
        problems.append(file.problem("twin", _("The twin %s does not exist.") % named))
    return twin


def _differences(danish: LessonFile, english: LessonFile | None) -> Iterable[Problem]:
    if english is None:
        return
    for key in SHARED:
        if danish.get(key) != english.get(key):
            yield english.problem(key, _("“%(name)s” differs from the Danish file.") % {"name": key})
    if f"lessons/{english.get('twin')}" != danish.name:
        yield english.problem("twin", _("The twin should be %s.") % danish.name.removeprefix("lessons/"))


def lesson_data(danish: LessonFile, english: LessonFile | None) -> MarkedDict:
    """The pair in the shape's layout, every value with its line."""
    data = MarkedDict(Place(danish.name, 1))
    for key, name in (("id", "key"), *((name, name) for name in SHARED[4:])):
        if key in danish.front:
            data.put(name, danish.get(key), danish.front.place_of(key))
    for key in ("title", "aims", "short"):
        both = _both(danish, english, key)
        if both or key not in MAY_BE_MISSING:
            source = danish if key in danish.front else english or danish
            data.put(key, both, source.front.place_of(key))
    body = MarkedDict(Place(danish.name, danish.body_line))
    for language, file in (("da", danish), ("en", english)):
        if file:
            body.put(language, file.body, Place(file.name, file.body_line))
    data.put("body", body, body.place)
    return data


def _both(danish: LessonFile, english: LessonFile | None, key: str) -> MarkedDict:
    both = MarkedDict(danish.front.place_of(key))
    for language, file in (("da", danish), ("en", english)):
        if file and key in file.front:
            both.put(language, file.get(key), file.front.place_of(key))
    return both


def in_modules(lessons: Iterable[LessonFile], modules: Any, problems: list[Problem]) -> dict[str, list[str]]:
    """Lesson ids by module, in order. The module's own list and the lessons' front matter must say the same."""
    placed: dict[str, dict[int, LessonFile]] = {}
    for lesson in lessons:
        in_module = placed.setdefault(str(lesson.get("module")), {})
        order = lesson.get("order")
        if not isinstance(order, int):
            problems.append(lesson.problem("order", _("“order” is a whole number.")))
        elif order in in_module:
            problems.append(lesson.problem("order", _("Order %s is already taken in this module.") % order))
        else:
            in_module[order] = lesson
    for module, own in placed.items():
        problems.extend(_misplaced(module, own.values(), modules))
    return {key: [str(own[order].get("id")) for order in sorted(own)] for key, own in placed.items()}


def _misplaced(key: str, lessons: Iterable[LessonFile], modules: Any) -> Iterable[Problem]:
    known = {module.get("id"): module for module in modules if isinstance(module, MarkedDict)} if modules else {}
    module = known.get(key)
    for lesson in lessons:
        if module is None:
            yield lesson.problem("module", _("There is no module “%s”.") % key)
        elif isinstance(module.get("lessons"), MarkedList) and lesson.get("id") not in module["lessons"]:
            yield lesson.problem("module", _("Module “%s” does not list this lesson.") % key)
        elif module.get("track") != lesson.get("track"):
            yield lesson.problem("track", _("Module “%s” stands in another track.") % key)
