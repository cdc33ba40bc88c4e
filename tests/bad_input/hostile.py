"""Values no form hopes for: what people paste by accident, and what is sent on purpose."""

import os
import zlib
from uuid import UUID

HOSTILE = {
    "blanks": "  \t\n ",
    "a NUL": "a\0b",
    "control characters": "\x01\x1b[31m\x7f abc",
    "one megabyte": "å" * 500_000,
    "a long word": "x" * 400,
    "strange scripts": "👩🏽‍🚒🇩🇰\u202e\u200fgnirts\u2066Z" + "\u0301" * 90,
    "markup": '\'; DROP TABLE people_user; -- <script>alert(1)</script>{{ 7|add:7 }}" onload="x',
    "a huge number": "9" * 5000,
    "a number beyond 64 bits": str(2**63),
    "a negative number": "-1",
    "an id of nothing": str(UUID(int=0)),
    "half an id": "7d1f0d7c-9f0d",
    "the last day of all": "9999-12-31",
    "the first day of all": "0001-01-01",
    "a long address": f"https://moede.example/{'x' * 3000}",
}


def is_tried(*what):
    """Every pair in a full run (`script/test --faults`), the same twelfth of them in every other."""
    return os.environ.get("COURSEPLATFORM_FAULTS") == "full" or zlib.crc32("|".join(what).encode()) % 12 == 0


# In a form's bytes or an address: not even text.
NO_TEXT = {
    "half a character": b"%C3",
    "a surrogate": b"%ED%A0%80",
    "a lone byte": b"\xff\xfe",
    "a percent sign": b"%",
    "an escaped NUL": b"%00",
}
