"""What every value of a programme is made of: frozen, keyed, in two languages."""

from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Week = Annotated[int, Field(ge=0, le=200)]


class Value(BaseModel):
    """Frozen, compared by content, refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Text(Value):
    """Words in Danish and perhaps in English."""

    da: str
    en: str | None = None

    def read(self, language: str) -> tuple[str, str]:
        """The words and the language they are really in: Danish where English is missing (MODEL §10)."""
        return (self.en, "en") if language == "en" and self.en else (self.da, "da")


class Lines(Value):
    """Several short texts in Danish and perhaps as many in English."""

    da: tuple[str, ...] = ()
    en: tuple[str, ...] | None = None

    def read(self, language: str) -> tuple[tuple[str, ...], str]:
        """The lines and the language they are really in."""
        return (self.en, "en") if language == "en" and self.en else (self.da, "da")
