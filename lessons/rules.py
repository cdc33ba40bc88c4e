"""What must hold across a whole programme (MODEL §10, §13), checked on data in the shape's layout.

The data may be half wrong: what is missing or of another type is pydantic's to report, so every rule steps around it.
That way one reading tells all that is wrong.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import regex
from django.utils.translation import gettext as _

from lessons.markdown import IMAGE_PREFIX, pictures_in
from lessons.problems import Location
from lessons.shape import TrackKind

EARLIEST_DAY = -28  # prompts before the start: a month is as early as anybody is written to
DAYS_PER_WORKWEEK = 5


class Found(NamedTuple):
    """`lines_down` counts from where the location begins, for a mistake inside a long text."""

    location: Location
    sentence: str
    lines_down: int = 0


Data = dict[str, Any]
Rule = Callable[[Data], Iterable[Found]]


def broken_rules(programme: Any) -> list[Found]:
    """Every rule that is broken, and where."""
    if not isinstance(programme, dict):
        return []
    return [found for rule in RULES for found in rule(programme)]


def items(data: Any, *path: str) -> Iterator[tuple[Location, Data]]:
    """Every mapping under `path`, list after list, with where it stands."""
    name, *rest = path
    inner = data.get(name) if isinstance(data, dict) else None
    for index, item in enumerate(inner if isinstance(inner, list) else []):
        if not isinstance(item, dict):
            continue
        if not rest:
            yield (name, index), item
        for location, deeper in items(item, *rest) if rest else ():
            yield (name, index, *location), deeper


MODULES = ("tracks", "modules")
LESSONS = (*MODULES, "lessons")
KEYED = (
    ("focus_areas",),
    ("tracks",),
    MODULES,
    LESSONS,
    ("experiment_rounds",),
    ("workshops",),
    ("group_meetings",),
    ("exercises",),
    ("prompts",),
    ("surveys",),
    ("sponsor_conversations",),
    ("artefacts",),
    ("reflection_models",),
)


def keys(data: Data, *path: str) -> set[str]:
    """The keys of all items under `path`."""
    return {item["key"] for _where, item in items(data, *path) if isinstance(item.get("key"), str)}


def keys_stand_once(data: Data) -> Iterable[Found]:
    for path in KEYED:
        seen: set[str] = set()
        for location, item in items(data, *path):
            key = item.get("key")
            if isinstance(key, str) and key in seen:
                yield Found((*location, "key"), _("“%(key)s” is already the id of another one.") % {"key": key})
            seen.add(str(key))


def ids_are_known(data: Data) -> Iterable[Found]:
    areas, models, modules = keys(data, "focus_areas"), keys(data, "reflection_models"), keys(data, *MODULES)
    for path in (MODULES, LESSONS):
        yield from _unknown(data, path, "focus_area", areas)
    yield from _unknown(data, ("prompts",), "reflection_model", models)
    yield from _unknown(data, ("artefacts",), "module", modules)
    yield from _unknown(data, LESSONS, "prompts", keys(data, "prompts"))
    yield from _unknown(data, LESSONS, "exercises", keys(data, "exercises"))
    edition = {"editions": [data.get("team_leader_edition")]}
    for found in _unknown(edition, ("editions",), "keep", modules):
        yield Found(("team_leader_edition", *found.location[2:]), found.sentence)


def _unknown(data: Data, path: tuple[str, ...], name: str, known: set[str]) -> Iterable[Found]:
    for location, item in items(data, *path):
        named = item.get(name)
        for index, key in enumerate(named if isinstance(named, list) else [named]):
            if isinstance(key, str) and key not in known:
                where = (*location, name, index) if isinstance(named, list) else (*location, name)
                yield Found(where, _("There is no “%(key)s” to refer to.") % {"key": key})


def what_opens_exists(data: Data) -> Iterable[Found]:
    occasions = (data.get("assessment") or {}).get("occasions") if isinstance(data.get("assessment"), dict) else []
    known = {f"survey:{key}" for key in keys(data, "surveys")}
    known |= {f"sponsor:{key}" for key in keys(data, "sponsor_conversations")}
    known |= {f"assessment:{occasion}" for occasion in occasions or []} | {""}
    for location, prompt in items(data, "prompts"):
        if prompt.get("opens", "") not in known:
            sentence = _("There is no “%(key)s” to open.") % {"key": prompt["opens"]}
            yield Found((*location, "opens"), sentence)


def each_belongs_to_one_lesson(data: Data) -> Iterable[Found]:
    for name in ("prompts", "exercises"):
        seen: Counter[str] = Counter()
        for location, lesson in items(data, *LESSONS):
            named = lesson.get(name)
            for index, key in enumerate(named if isinstance(named, list) else []):
                seen[key] += 1
                if seen[key] == 2:
                    yield Found((*location, name, index), _("“%(key)s” stands in another lesson too.") % {"key": key})


def anchors_exist(data: Data) -> Iterable[Found]:
    known = {"programme_start", "programme_end", "group_meeting:*", "experiment_start:*", "experiment_due:*"}
    known |= {f"module_open:{key}" for key in keys(data, *MODULES)}
    known |= {f"workshop:{key}" for key in keys(data, "workshops")}
    known |= {f"group_meeting:{key}" for key in keys(data, "group_meetings")}
    known |= {f"experiment_{edge}:{key}" for key in keys(data, "experiment_rounds") for edge in ("start", "due")}
    for location, prompt in items(data, "prompts"):
        anchor = prompt.get("anchor")
        if isinstance(anchor, str) and anchor not in known:
            yield Found((*location, "anchor"), _("There is no “%(key)s” to count from.") % {"key": anchor})


def offsets_make_sense(data: Data) -> Iterable[Found]:
    for location, prompt in items(data, "prompts"):
        offset = prompt.get("offset")
        if not isinstance(offset, dict):
            continue
        if len([unit for unit in ("days", "workdays") if offset.get(unit) is not None]) != 1:
            yield Found((*location, "offset"), _("Write either days or workdays."))
        elif _is_too_early(prompt.get("anchor"), offset):
            yield Found((*location, "offset"), _("Nobody is written to more than 28 days before the start."))


def _is_too_early(anchor: Any, offset: Data) -> bool:
    days, workdays = offset.get("days"), offset.get("workdays")
    if isinstance(workdays, int):
        days = workdays * 7 / DAYS_PER_WORKWEEK
    return anchor == "programme_start" and isinstance(days, int | float) and days < EARLIEST_DAY


def weeks_fit_the_length(data: Data) -> Iterable[Found]:
    length = data.get("length_weeks")
    if not isinstance(length, int):
        return
    fields = [(MODULES, "open_week"), (MODULES, "close_week"), (("workshops",), "week"), (("group_meetings",), "week")]
    fields += [(("experiment_rounds",), "start_week"), (("experiment_rounds",), "end_week")]
    for path, name in fields:
        for location, item in items(data, *path):
            week = item.get(name)
            if isinstance(week, int) and week >= length:
                words = _("Week %(week)s lies outside the programme's %(length)s weeks (0–%(last)s).")
                yield Found((*location, name), words % {"week": week, "length": length, "last": length - 1})


def ends_come_after_starts(data: Data) -> Iterable[Found]:
    pairs = [(MODULES, "open_week", "close_week"), (("experiment_rounds",), "start_week", "end_week")]
    for path, start, end in pairs:
        for location, item in items(data, *path):
            if isinstance(item.get(start), int) and isinstance(item.get(end), int) and item[end] < item[start]:
                yield Found((*location, end), _("It ends before it starts."))
    for location, day in items(data, "workshops"):
        if isinstance(day.get("start"), str) and isinstance(day.get("end"), str) and day["end"] <= day["start"]:
            yield Found((*location, "end"), _("It ends before it starts."))


def there_are_three_tracks(data: Data) -> Iterable[Found]:
    kinds = sorted(str(track.get("kind")) for _where, track in items(data, "tracks"))
    if isinstance(data.get("tracks"), list) and kinds != sorted(TrackKind):
        yield Found(
            ("tracks",), _("A programme has exactly three tracks, one of each kind: %s.") % ", ".join(TrackKind)
        )


def translations_have_as_many_lines(data: Any, location: Location = ()) -> Iterable[Found]:
    if isinstance(data, dict):
        danish, english = data.get("da"), data.get("en")
        if isinstance(danish, list | tuple) and isinstance(english, list | tuple) and len(danish) != len(english):
            words = _("The English has %(english)s lines, the Danish %(danish)s.")
            yield Found((*location, "en"), words % {"english": len(english), "danish": len(danish)})
    for key, inner in data.items() if isinstance(data, dict) else enumerate(data if isinstance(data, list) else []):
        yield from translations_have_as_many_lines(inner, (*location, key))


LIMITS = (
    ((), "title", 3, 120),
    (("tracks",), "title", 3, 120),
    (MODULES, "title", 3, 120),
    (LESSONS, "title", 3, 120),
    (("workshops",), "title", 3, 120),
    (("exercises",), "title", 3, 120),
    (("prompts",), "text", 10, 400),
)


def texts_have_the_right_length(data: Data) -> Iterable[Found]:
    for path, name, shortest, longest in LIMITS:
        for location, item in items(data, *path) if path else [((), data)]:
            words = item.get(name)
            for language, text in words.items() if isinstance(words, dict) else ():
                if isinstance(text, str) and not shortest <= letters_in(text) <= longest:
                    sentence = _("%(count)s letters; between %(shortest)s and %(longest)s is needed.")
                    limits = {"count": letters_in(text), "shortest": shortest, "longest": longest}
                    yield Found((*location, name, language), sentence % limits)


def lessons_have_aims(data: Data) -> Iterable[Found]:
    for location, lesson in items(data, *LESSONS):
        aims = lesson.get("aims")
        danish = aims.get("da") if isinstance(aims, dict) else None
        if isinstance(danish, list | tuple) and not 1 <= len(danish) <= 5:
            yield Found((*location, "aims", "da"), _("A lesson has one to five aims; this one has %s.") % len(danish))


def pictures_are_ours_and_told(data: Data) -> Iterable[Found]:
    for location, lesson in items(data, *LESSONS):
        body = lesson.get("body")
        for language, text in body.items() if isinstance(body, dict) else ():
            for picture in pictures_in(text) if isinstance(text, str) else ():
                where, line = (*location, "body", language), text.count("\n", 0, picture.start())
                if not picture["target"].startswith(IMAGE_PREFIX):
                    yield Found(where, _("Pictures come from the library: ![words](image:key)."), line)
                if not picture["alt"].strip():
                    words = _("A picture needs words for those who cannot see it: ![words](image:key).")
                    yield Found(where, words, line)


def letters_in(text: str) -> int:
    """What a reader would count: grapheme clusters (MODEL §10)."""
    return len(regex.findall(r"\X", text))


RULES: tuple[Rule, ...] = (
    keys_stand_once,
    ids_are_known,
    what_opens_exists,
    each_belongs_to_one_lesson,
    anchors_exist,
    offsets_make_sense,
    weeks_fit_the_length,
    ends_come_after_starts,
    there_are_three_tracks,
    translations_have_as_many_lines,
    texts_have_the_right_length,
    lessons_have_aims,
    pictures_are_ours_and_told,
)
