"""Every page × every kind of nonsense behind its question mark: never a 500, and looking changes nothing."""

from urllib.parse import quote, urlencode

import pytest

from tests.bad_input.held import complaints, outcome_of
from tests.bad_input.hostile import is_tried
from tests.doors import DOORS, LIBRARIES
from tests.test_doors import addresses, everything_written, sample_of

WORDS = ("page", "q", "vis", "workshop", "svar", "orden", "hylde", "emne", "hold", "shared", "to", "next", "p")
VALUES = {
    "no number": "x",
    "a negative number": "-1",
    "a huge number": "9" * 5000,
    "a fraction": "1.5e309",
    "a NUL": "\0",
    "control characters": "\x1b\x7f",
    "a thousand words": "ord " * 1000,
    "brackets": "[](){}%_\\'\"",
    "another direction": "\u202e👩🏽‍🚒",
}
# Not even text, or no query at all.
QUERIES = ["q=%FF&page=%C3", "q=%ED%A0%80", "&&==&", "page=1&page=2&page=x", "page[]=1", "%00=1", ";" * 500, "q=%"]
# No page of ours has such a name.
PATHS = [
    "/%00", "/logbog/%00/", "/%FF%FE/", "/%ED%A0%80", "/hold/%00/", "/media/images/%00.png", "/media/images/%2e%2e%2f",
    "/demo/mail/%00/", "/demo/mail/..%2f..%2fetc/html", "/besked/not-an-id/", "/forloeb/%F0%9F%91%A9/", "/aaaa" * 900,
    "/konto/password/reset/key/%00-%00/", "/filer/1/%00.pdf", "/static/%00.css", "/cms/pages/%00/",
]  # fmt: skip
# Wagtail's own, for authors alone: they read a number out of any word, and one fails to show what failing looks like.
WAGTAILS_OWN = ("cms/workflows/edit/", "cms/documents/chooser/chosen/", "cms/images/chooser/chosen/", "cms/failwhale/")


def queries():
    yield from (urlencode(dict.fromkeys(WORDS, value)) for value in VALUES.values())
    yield from QUERIES


@pytest.mark.parametrize("role", ["owner", "hr", "facilitator"])
def test_a_bad_query_does_no_harm(role, enter, scene):
    client, before, wrong = enter(role), everything_written(), []
    for name, door in DOORS.items():
        if role in door.opens_for and not door.changes and name != "readyz":
            for query in (query for query in queries() if is_tried(name, query)):
                where = f"{scene.address(name)}?{query}"
                wrong += complaints(where[:120], outcome_of(lambda: client.get(where), before))  # noqa: B023

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ["owner", "superuser"])
def test_an_address_of_bytes_does_no_harm(role, enter, scene):
    client, before, wrong = enter(role), everything_written(), []
    for path in PATHS:
        outcome = outcome_of(lambda: client.get(path), before)  # noqa: B023
        wrong += complaints(path[:80], outcome)
        if outcome.response.status_code == 200:
            wrong.append(f"{path[:80]}: 200")

    assert not wrong, "\n".join(wrong)


def test_the_desks_take_a_bad_query(enter, scene):
    client, before, wrong = enter("superuser"), everything_written(), []
    desks = {sample_of(whole) for whole, _ in addresses() if whole.startswith(LIBRARIES)}
    for whole in sorted(address for address in desks if not address.startswith(WAGTAILS_OWN)):
        for value in ("x", "\0", "9" * 5000):
            where = f"/{quote(whole)}?{urlencode(dict.fromkeys(WORDS, value))}"
            wrong += complaints(where[:80], outcome_of(lambda: client.get(where), before))  # noqa: B023

    assert not wrong, "\n".join(wrong)
