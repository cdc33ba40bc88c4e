"""Columns that know their rule: keys, short texts, lines, and parts kept as validated JSON."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

is_key = RegexValidator(r"^[a-z0-9][a-z0-9-]{0,63}$", _("Lower-case letters a–z, digits and hyphens."))


class KeyField(models.CharField):  # type: ignore[type-arg]  # not subscriptable when it runs
    """The stable name other content, rules and sent messages refer to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("verbose_name", _("key"))
        kwargs.setdefault("max_length", 64)
        kwargs["validators"] = [is_key]
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["validators"]
        return name, path, args, kwargs


class PartField(models.JSONField):
    """One part of a programme as the shape's own JSON. Authors read and write it as YAML, as in the folder."""

    def __init__(self, *args: Any, part: str = "", **kwargs: Any) -> None:
        self.part = part
        kwargs.setdefault("blank", True)
        kwargs.setdefault("null", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "part": self.part}

    def formfield(self, **kwargs: Any) -> Any:
        from lessons.part_forms import PartFormField

        return PartFormField(part=self.part, required=not self.blank, label=self.verbose_name, help_text=self.help_text)
