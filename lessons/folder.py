"""A programme as a folder: `programme.yaml` and `lessons/*.md` (MODEL §13). Reading and writing are a pure pair."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from lessons import lesson_files
from lessons.layout import read_part
from lessons.marked_yaml import MarkedDict, MarkedList, moved, place_in, read_yaml
from lessons.ordering import in_reading_order
from lessons.problems import FolderError, Place, Problem, told_by
from lessons.rules import broken_rules
from lessons.shape import Programme
from lessons.writing import lesson_file, lesson_text, programme_text

FILE = "programme.yaml"
NOT_CONTENT = ("demo_municipality",)  # fictional people; the demo reads them by itself


def from_folder(path: Path) -> Programme:
    """The programme in the folder. Raises FolderError with everything that is wrong, each by file and line."""
    problems: list[Problem] = []
    data = _read(Path(path), problems)
    programme = _validated(data, problems) if data is not None else None
    if problems or programme is None:
        raise FolderError(problems)
    return in_reading_order(programme)


def _validated(data: MarkedDict, problems: list[Problem]) -> Programme | None:
    for location, sentence, lines_down in broken_rules(data):
        place = place_in(data, location)
        problems.append(Problem(place.file, place.line + lines_down, sentence))
    try:
        return Programme.model_validate(data)
    except ValidationError as error:
        problems.extend(Problem(*place_in(data, location), sentence) for location, sentence in told_by(error))
        return None


def _read(path: Path, problems: list[Problem]) -> MarkedDict | None:
    """The folder's data in the shape's layout, every value with its line."""
    if not (path / FILE).is_file():
        problems.append(Problem(FILE, 1, _("There is no programme.yaml in %s.") % path))
        return None
    written = read_yaml(lesson_files.read_text(path / FILE, FILE, problems), FILE, problems)
    if not isinstance(written, MarkedDict):
        if not problems:
            problems.append(Problem(FILE, 1, _("programme.yaml is not a list of keys and values.")))
        return None
    written = moved(written, {"id": "key", "version": "number"})
    for name in NOT_CONTENT:
        written.pop(name, None)
    modules = _with_lessons(path, written.pop("modules", None), problems)
    data = MarkedDict(Place(FILE, 1))
    for name, value in written.items():
        data.put(name, read_part(name, value), written.place_of(name))
    _into_tracks(data, modules, problems)
    return data


def _with_lessons(path: Path, modules: Any, problems: list[Problem]) -> MarkedList:
    """The modules with their lessons whole, read from the lesson files."""
    found = [lesson_files.read_lesson_file(file, problems) for file in sorted((path / "lessons").glob("*.md"))]
    pairs = lesson_files.in_pairs([file for file in found if file], problems)
    written = modules if isinstance(modules, MarkedList) else MarkedList(Place(FILE, 1))
    placed = lesson_files.in_modules([danish for danish, _english in pairs], written, problems)
    by_key = {str(danish.get("id")): lesson_files.lesson_data(danish, english) for danish, english in pairs}
    _tell_repeated([danish for danish, _english in pairs], problems)
    for module in written:
        if isinstance(module, MarkedDict):
            _fill(module, [by_key[key] for key in placed.get(str(module.get("id")), [])], problems)
    return written


def _tell_repeated(lessons: list[lesson_files.LessonFile], problems: list[Problem]) -> None:
    seen: set[object] = set()
    for lesson in lessons:
        if lesson.get("id") in seen:
            problems.append(
                lesson.problem("id", _("“%(key)s” is already the id of another one.") % {"key": lesson.get("id")})
            )
        seen.add(lesson.get("id"))


def _fill(module: MarkedDict, lessons: list[MarkedDict], problems: list[Problem]) -> None:
    place = module.place_of("lessons")
    wanted = module.get("lessons")
    found = [lesson.get("key") for lesson in lessons]
    for key in wanted if isinstance(wanted, list) else []:
        if key not in found:
            problems.append(Problem(*place, _("There is no file for lesson “%s”.") % key))
    if isinstance(wanted, list) and sorted(map(str, wanted)) == sorted(map(str, found)) and wanted != found:
        problems.append(Problem(*place, _("The lessons stand in another order than their files say.")))
    filled = MarkedList(place)
    for lesson in lessons:
        filled.put(lesson, lesson.place)
    module.put("lessons", filled, place)


def _into_tracks(data: MarkedDict, modules: MarkedList, problems: list[Problem]) -> None:
    tracks = data.get("tracks")
    known: dict[Any, MarkedDict] = {}
    for track in tracks if isinstance(tracks, MarkedList) else []:
        if isinstance(track, MarkedDict):
            known[track.get("key")] = track
            track.put("modules", MarkedList(track.place), track.place)
    for module in _in_order(modules, "track", problems):
        track = known.get(module.pop("track", None))
        if track is None:
            problems.append(Problem(*module.place_of("track"), _("The module belongs to no track we know.")))
        else:
            track["modules"].put(moved(module, {"id": "key"}), module.place)
    if isinstance(tracks, MarkedList):
        ordered = MarkedList(tracks.place)
        for track in _in_order(tracks, "", problems):
            ordered.put(track, track.place)
        data["tracks"] = ordered


def _in_order(items: MarkedList, within: str, problems: list[Problem]) -> list[MarkedDict]:
    """The items by their `order`, which is taken out; two with the same order inside `within` are a problem."""
    taken: set[tuple[Any, Any]] = set()
    ordered: list[tuple[int, int, MarkedDict]] = []
    for index, item in enumerate(item for item in items if isinstance(item, MarkedDict)):
        order = item.pop("order", None)
        if not isinstance(order, int):
            problems.append(Problem(*item.place_of("order"), _("“order” is a whole number.")))
        elif (item.get(within), order) in taken:
            problems.append(Problem(*item.place_of("order"), _("Order %s is already taken.") % order))
        taken.add((item.get(within), order))
        ordered.append((order if isinstance(order, int) else 0, index, item))
    return [item for _order, _index, item in sorted(ordered, key=lambda entry: entry[:2])]


def to_folder(programme: Programme, path: Path) -> None:
    """Writes the programme. The same value always gives the same bytes; lesson files of other lessons are removed."""
    folder = Path(path) / "lessons"
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        lesson_file(lesson, language): text
        for lesson in programme.lessons
        for language in ("da", "en")
        if (text := lesson_text(programme, lesson, language)) is not None
    }
    for old in folder.glob("*.md"):
        if old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    (Path(path) / FILE).write_text(programme_text(programme), encoding="utf-8", newline="\n")
