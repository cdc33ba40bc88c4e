"""How `programme.yaml` is laid out, and how that becomes the shape: reading keeps each value's line.

The file says `id` where the shape says `key`, and puts a short text's `da` and `en` beside its other keys.
`lessons/writing.py` is the way back.
"""

from collections.abc import Callable
from typing import Any

from lessons.marked_yaml import MarkedDict, MarkedList, each, gathered, moved

Change = Callable[[Any], Any]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def read_part(name: str, value: Any) -> Any:
    """One top-level part of the file as the shape has it; a part without its own layout only has its ids renamed."""
    return PARTS.get(name, keyed)(value)


def keyed(value: Any) -> Any:
    """`id` becomes `key`, all the way down."""
    if isinstance(value, MarkedList):
        return each(value, keyed)
    if not isinstance(value, MarkedDict):
        return value
    result = moved(value, {"id": "key"})
    for key, inner in result.items():
        result[key] = keyed(inner)
    return result


def _items_with(name: str) -> Change:
    """A list of mappings whose `da` and `en` stand beside the other keys."""
    return lambda value: each(keyed(value), lambda item: gathered(item, name))


def _prompts(value: Any) -> Any:
    return each(_items_with("text")(value), lambda prompt: moved(prompt, {"class": "message_class"}))


def _reflection_models(value: Any) -> Any:
    return _inside_each(keyed(value), "fields", lambda fields: each(fields, lambda field: gathered(field, "label")))


def _calendar(value: Any) -> Any:
    if not isinstance(value, MarkedDict):
        return value
    result = moved(value, {"nominal_avoid": "avoid"})
    _change(result, "avoid", lambda periods: each(keyed(periods), _avoided))
    _change(result, "send_window", _send_window)
    weekdays = result.pop("preferred_weekdays", None)
    if isinstance(weekdays, MarkedDict):
        for key, days in weekdays.items():
            result.put(f"{key}_weekdays", days, weekdays.place_of(key))
    return result


def _avoided(period: MarkedDict) -> MarkedDict:
    result = moved(period, {"iso_week": "iso_weeks", "from": "from_day", "to": "to_day"} if "from" in period else {})
    if "iso_week" in result:
        result.put("iso_weeks", [result.pop("iso_week")], period.place_of("iso_week"))
    if "date" in result:
        day, place = result.pop("date"), period.place_of("date")
        result.put("from_day", day, place)
        result.put("to_day", day, place)
    if result.get("relative_to") == "easter_sunday":
        result.put("relative_to_easter", True, period.place_of("relative_to"))
        del result["relative_to"]
        for edge in ("from_day", "to_day"):
            _change(result, edge, lambda days: str(days) if isinstance(days, int) else days)
    return result


def _send_window(value: Any) -> Any:
    if not isinstance(value, MarkedDict):
        return value
    result = MarkedList(value.place)
    for day, hours in value.items():
        window, place = MarkedDict(value.place_of(day)), value.place_of(day)
        window.put("day", day, place)
        if isinstance(hours, MarkedList) and len(hours) == 2:
            window.put("opens", hours[0], place)
            window.put("closes", hours[1], place)
        result.put(window, place)
    return result


def _scale(value: Any) -> Any:
    if isinstance(value, MarkedDict):
        value = moved(value, {})
        _change(value, "labels", _labels)
    return value


def _labels(value: Any) -> Any:
    """`{da: {1: …}, en: {1: …}}` becomes a list of scores with both words."""
    if not isinstance(value, MarkedDict) or not all(isinstance(words, MarkedDict) for words in value.values()):
        return value
    result = MarkedList(value.place)
    for score in sorted({score for words in value.values() for score in words}, key=str):
        label, text = MarkedDict(value.place), MarkedDict(value.place)
        for language, words in value.items():
            if score in words:
                text.put(language, words[score], words.place_of(score))
        label.put("score", score, value.place)
        label.put("text", text, value.place)
        result.put(label, value.place)
    return result


def _assessment(value: Any) -> Any:
    result = keyed(value)
    if isinstance(result, MarkedDict):
        _change(result, "scale", _scale)
        _change(result, "digcomp_areas", lambda areas: _from_mapping(areas, "number", "name"))
    return result


def _surveys(value: Any) -> Any:
    result = MarkedList(value.place) if isinstance(value, MarkedDict) else value
    if isinstance(value, MarkedDict):
        for key, survey in value.items():
            result.put(survey_read(survey, key), value.place_of(key))
    return result


def survey_read(value: Any, key: str) -> Any:
    """One survey, which the file keeps under its key."""
    if not isinstance(value, MarkedDict):
        return value
    result = moved(value, {"": "key"})
    result.put("key", key, value.place)
    _change(result, "scale", _scale)
    _change(result, "items", _items_with("text"))
    return result


def _from_mapping(value: Any, key_name: str, value_name: str) -> Any:
    if not isinstance(value, MarkedDict):
        return value
    result = MarkedList(value.place)
    for key, inner in value.items():
        item, place = MarkedDict(value.place_of(key)), value.place_of(key)
        item.put(key_name, key, place)
        item.put(value_name, inner, place)
        result.put(item, place)
    return result


def _practice_hack(value: Any) -> Any:
    result = keyed(value)
    if isinstance(result, MarkedDict):
        _change(result, "agenda", lambda agenda: each(agenda, lambda item: gathered(item, "text")))
    return result


def _change(value: MarkedDict, key: str, change: Change) -> None:
    if key in value:
        value[key] = change(value[key])


def _inside_each(items: Any, key: str, change: Change) -> Any:
    if isinstance(items, MarkedList):
        for item in items:
            if isinstance(item, MarkedDict):
                _change(item, key, change)
    return items


PARTS: dict[str, Change] = {
    "calendar": _calendar,
    "group_meeting_agenda": _items_with("text"),
    "prompts": _prompts,
    "assessment": _assessment,
    "surveys": _surveys,
    "scale": _scale,
    "items": _items_with("text"),
    "sponsor_conversations": _items_with("questions"),
    "praksishack": _practice_hack,
    "reflection_models": _reflection_models,
}
