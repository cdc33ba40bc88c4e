"""From the author's pages to values: what is published to readers, and what a draft would look like."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from pydantic import ValidationError

from lessons.models import Authored, LessonPage, ModulePage, ProgrammePage, TrackPage
from lessons.ordering import in_reading_order
from lessons.problems import Location, told_by
from lessons.rules import broken_rules
from lessons.shape import SCHEMA_VERSION, Exercise, Lesson, Module, Programme, Prompt, Text, Track, TrackKind
from lessons.words import Data


class PageProblem(NamedTuple):
    """What is wrong, and on which page it is mended."""

    page: Authored
    sentence: str


class PagesError(Exception):
    """All that keeps the pages from being a programme."""

    def __init__(self, problems: Iterable[PageProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{problem.page.title}: {problem.sentence}" for problem in self.problems))


Pages = dict[Location, Authored]


def from_pages(page: ProgrammePage) -> Programme:
    """The programme as its live pages say, drafts left out. Raises PagesError with all that is wrong. 12 queries."""
    data, pages = _gathered(page)
    found = [(broken.location, broken.sentence) for broken in broken_rules(data)]
    programme = None
    try:
        programme = Programme.model_validate(data)
    except ValidationError as error:
        found += list(told_by(error))
    if found or programme is None:
        raise PagesError(_on_pages(found, pages, data))
    return in_reading_order(programme)


def _gathered(page: ProgrammePage) -> tuple[Data, Pages]:
    """Everything below the page in the shape's layout, and which page each place came from."""
    page = ProgrammePage.objects.prefetch_related(*CHILDREN).get(pk=page.pk)
    data = page.data() | {"schema_version": SCHEMA_VERSION, "tracks": []}
    pages: Pages = {(): page}
    below: dict[str, tuple[Location, Data]] = {page.path: ((), data)}
    for kind, name in ((TrackPage, "tracks"), (ModulePage, "modules"), (LessonPage, "lessons")):
        for child in _live(kind, page):
            if child.path[: -child.steplen] not in below:
                continue  # its parent is not live
            where, parent = below[child.path[: -child.steplen]]
            siblings = parent.setdefault(name, [])
            location = (*where, name, len(siblings))
            siblings.append(child.data())
            below[child.path], pages[location] = (location, siblings[-1]), child
            if isinstance(child, LessonPage):
                for own in ("prompts", "exercises"):
                    data[own] += [item.data() for item in getattr(child, own).all()]
    return data, pages


CHILDREN = ("workshops", "group_meetings", "prompts", "exercises", "artefacts", "surveys")


def _live(kind: type[Authored], page: ProgrammePage) -> Any:
    children = ("prompts", "exercises") if kind is LessonPage else ()
    return kind.objects.descendant_of(page).live().order_by("path").prefetch_related(*children)


def _on_pages(found: list[tuple[Location, str]], pages: Pages, data: Data) -> Iterable[PageProblem]:
    for location, sentence in found:
        known = [location[:length] for length in range(len(location), -1, -1) if location[:length] in pages]
        page, within = pages[known[0]], location[len(known[0]) :]
        if location[:1] in (("prompts",), ("exercises",)) and len(location) > 1:
            key = data[str(location[0])][location[1]].get("key")
            page, within = _holder(key, str(location[0]), pages), (key, *location[2:])
        name = " › ".join(str(step) for step in within if not isinstance(step, int))
        yield PageProblem(page, f"{name}: {sentence}" if name else sentence)


def _holder(key: Any, name: str, pages: Pages) -> Authored:
    lessons = [page for page in pages.values() if isinstance(page, LessonPage)]
    holders = [page for page in lessons if any(child.key == key for child in getattr(page, name).all())]
    return holders[0] if holders else pages[()]


def drafts_below(page: ProgrammePage) -> list[Authored]:
    """Pages somebody has changed and not published, the programme's own first."""
    kinds = (ProgrammePage, TrackPage, ModulePage, LessonPage)
    drafts = [draft for kind in kinds for draft in kind.objects.descendant_of(page, inclusive=True)]
    return sorted((draft for draft in drafts if draft.has_unpublished_changes), key=lambda draft: str(draft.path))


def lesson_of(page: LessonPage) -> Lesson:
    """The lesson on the page, saved or not: only `.all()` is asked of its children."""
    return Lesson.model_validate(page.data())


def preview_context(page: LessonPage, language: str) -> Data:
    """What `lessons/lesson.html` takes, from this draft."""
    return {"lesson": lesson_of(page), "programme": surroundings(page), "language": language}


def surroundings(page: LessonPage) -> Programme:
    """As much of a programme as one lesson's page shows: a draft is looked at before the whole is in order."""
    lesson = lesson_of(page)
    module_page = page.get_parent().specific
    beside = ModulePage.objects.get(pk=module_page.pk).get_children().values_list("pk", flat=True)
    lessons = [lesson if pk == page.pk else Lesson.model_construct(key=str(pk)) for pk in beside] or [lesson]
    module = Module.model_construct(key=module_page.key, lessons=tuple(lessons))
    track_page = module_page.get_parent().specific
    title = Text.model_validate(track_page.data()["title"])
    track = Track.model_construct(kind=TrackKind(track_page.kind), title=title, modules=(module,))
    return Programme.model_construct(
        tracks=(track,),
        exercises=tuple(Exercise.model_validate(child.data()) for child in page.exercises.all()),
        prompts=tuple(Prompt.model_validate(child.data()) for child in page.prompts.all()),
    )
