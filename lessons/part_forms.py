"""A part of a programme as authors edit it: the folder's own YAML, refused with a line and a sentence."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from pydantic import TypeAdapter
from pydantic import ValidationError as ShapeError

from lessons import shape
from lessons.layout import read_part
from lessons.marked_yaml import place_in, read_yaml
from lessons.problems import Problem, told_by
from lessons.rules import translations_have_as_many_lines
from lessons.writing import write_part, yaml_text

OTHER_PARTS: dict[str, Any] = {"scale": shape.Scale, "items": tuple[shape.SurveyItem, ...]}


def adapter_of(part: str) -> TypeAdapter[Any]:
    """What validates that part: the type the shape gives it."""
    field = shape.Programme.model_fields.get(part)
    annotation: Any = field.annotation if field else OTHER_PARTS[part]
    return TypeAdapter(annotation)


def part_from_yaml(part: str, text: str) -> tuple[Any, list[Problem]]:
    """The part as JSON, or None and everything that is wrong with it."""
    problems: list[Problem] = []
    written = read_yaml(text, part, problems)
    if problems or written is None:
        return None, problems
    data = read_part(part, written)
    if not hasattr(data, "place"):
        return None, [Problem(part, 1, _("Write a list, or keys and values."))]
    problems += [
        Problem(*place_in(data, found.location), found.sentence) for found in translations_have_as_many_lines(data)
    ]
    try:
        value = adapter_of(part).validate_python(data)
    except ShapeError as error:
        problems += [Problem(*place_in(data, location), sentence) for location, sentence in told_by(error)]
        return None, sorted(problems)
    return adapter_of(part).dump_python(value, mode="json"), sorted(problems)


def part_to_yaml(part: str, data: Any) -> str:
    """The stored JSON as an author reads it."""
    return yaml_text(write_part(adapter_of(part).validate_python(data)))


class PartFormField(forms.CharField):
    """Text in, JSON out."""

    def __init__(self, *, part: str, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "part-yaml"})
        super().__init__(widget=widget, strip=False, **kwargs)
        self.part = part

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else part_to_yaml(self.part, value)

    def to_python(self, value: Any) -> Any:
        if not (value or "").strip():
            return None
        data, problems = part_from_yaml(self.part, value)
        if problems:
            raise ValidationError([_("Line %(line)s: %(sentence)s") % problem._asdict() for problem in problems])
        return data

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(initial != self.to_python(data))
        except ValidationError:
            return True
