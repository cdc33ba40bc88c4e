"""YAML that remembers where each value stood, so that a mistake found later can be pointed at."""

from collections.abc import Callable
from typing import Any

import yaml
from django.utils.translation import gettext as _

from lessons.problems import UNKNOWN, Location, Place, Problem


class _Loader(yaml.SafeLoader):
    """Without aliases: a text of ten lines must not unfold into gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, _("an alias (*) is not used here"), mark)
        return super().compose_node(parent, index)


class MarkedDict(dict[Any, Any]):
    """A mapping that knows its own place and the place of each key."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: dict[Any, Place] = {}

    def put(self, key: Any, value: Any, place: Place) -> None:
        self[key] = value
        self.places[key] = place

    def place_of(self, key: Any) -> Place:
        return self.places.get(key, self.place)


class MarkedList(list[Any]):
    """A list that knows its own place and the place of each item."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: list[Place] = []

    def put(self, value: Any, place: Place) -> None:
        self.append(value)
        self.places.append(place)

    def place_of(self, index: int) -> Place:
        return self.places[index]


def read_yaml(text: str, file: str, problems: list[Problem], first_line: int = 1) -> Any:
    """The marked value of a YAML text, or None; what could not be read is added to `problems`."""
    reader = _Reader(file, first_line, problems)
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reader.tell(mark, _("This is not valid YAML: %(reason)s.") % {"reason": error.problem or error.context})
        return None
    except yaml.reader.ReaderError as error:
        line = first_line + text.count("\n", 0, error.position)
        problems.append(Problem(file, line, _("There is a character here that a text cannot hold.")))
        return None
    except RecursionError:
        problems.append(Problem(file, first_line, _("The lists here stand too deep inside each other.")))
        return None
    return reader.value(node) if node else None


class _Reader:
    def __init__(self, file: str, first_line: int, problems: list[Problem]) -> None:
        self.file, self.first_line, self.problems = file, first_line, problems
        self.scalars = _Loader("")

    def place(self, mark: Any) -> Place:
        return Place(self.file, self.first_line + (mark.line if mark else 0))

    def tell(self, mark: Any, sentence: str) -> None:
        self.problems.append(Problem(*self.place(mark), sentence))

    def value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node)
        if isinstance(node, yaml.SequenceNode):
            return self.sequence(node)
        try:
            return self.scalars.construct_object(node)
        except (yaml.MarkedYAMLError, ValueError):
            self.tell(node.start_mark, _("“%(given)s” cannot be read.") % {"given": node.value})
            return None

    def mapping(self, node: yaml.MappingNode) -> MarkedDict:
        marked = MarkedDict(self.place(node.start_mark))
        for key_node, value_node in node.value:
            key = self.value(key_node)
            if not isinstance(key, str | int):
                self.tell(key_node.start_mark, _("A key must be a word."))
            elif key in marked:
                self.tell(key_node.start_mark, _("“%(name)s” stands here twice.") % {"name": key})
            else:
                marked.put(key, self.value(value_node), self.place(key_node.start_mark))
        return marked

    def sequence(self, node: yaml.SequenceNode) -> MarkedList:
        marked = MarkedList(self.place(node.start_mark))
        for item in node.value:
            marked.put(self.value(item), self.place(item.start_mark))
        return marked


def place_in(value: Any, location: Location) -> Place:
    """Where `location` stands in a marked value; the nearest mark above it where it has none of its own."""
    place: Place = value.place
    for step in location:
        is_item = isinstance(value, MarkedList) and isinstance(step, int) and step < len(value)
        if is_item or (isinstance(value, MarkedDict) and step in value):
            place, value = value.place_of(step), value[step]
    return place


def moved(source: MarkedDict, names: dict[str, str]) -> MarkedDict:
    """The same mapping with keys renamed. A key already bearing a new name is marked unknown."""
    result = MarkedDict(source.place)
    for key, value in source.items():
        name = names.get(key, f"{key}{UNKNOWN}" if key in names.values() else key)
        result.put(name, value, source.place_of(key))
    return result


def gathered(source: MarkedDict, name: str, keys: tuple[str, ...] = ("da", "en")) -> MarkedDict:
    """The same mapping with `keys` put together under `name`."""
    result, inner = moved(source, {"": name}), MarkedDict(source.place)
    for key in keys:
        if key in source:
            inner.put(key, result.pop(key), source.place_of(key))
    if inner:
        result.put(name, inner, next(iter(inner.places.values())))
    return result


def each(value: Any, change: Callable[[MarkedDict], Any]) -> Any:
    """`change` applied to every mapping of a list; anything else is left for validation to refuse."""
    if not isinstance(value, MarkedList):
        return value
    result = MarkedList(value.place)
    for item, place in zip(value, value.places, strict=True):
        result.put(change(item) if isinstance(item, MarkedDict) else item, place)
    return result
