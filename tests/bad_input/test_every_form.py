"""Every form × every kind of nonsense: never a 500, and the database holds what it held, or sound rows."""

import json
from itertools import groupby
from operator import itemgetter
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from courseplatform.people.models import User
from tests.bad_input.held import complaints, more_rows_after, outcome_of
from tests.bad_input.hostile import HOSTILE, NO_TEXT, is_tried
from tests.bad_input.scene import forms
from tests.doors import DOORS
from tests.test_doors import everything_written, written_in

FORM = "application/x-www-form-urlencoded"
MANAGERS = ("owner", "peer", "substitute")


def bodies(form):
    """Whole bodies that are no filled form: (what, bytes, content type)."""
    fields = urlencode(form.fields, doseq=True)
    yield "an empty body", b"", FORM
    yield "every field twice", f"{fields}&{fields}".encode(), FORM
    yield "twice, the second empty", f"{fields}&{urlencode(dict.fromkeys(form.fields, ''))}".encode(), FORM
    yield "a thousand fields more", (fields + "".join(f"&x{n}=1" for n in range(1001))).encode(), FORM
    yield "JSON", json.dumps(form.fields).encode(), "application/json"
    yield "plain text", b"hej", "text/plain"
    yield "a form of parts without parts", b"--x--", "multipart/form-data; boundary=x"
    yield "a form of parts without a boundary", b"x", "multipart/form-data"
    yield "half a part", b'--x\r\nContent-Disposition: form-data; name="text"', "multipart/form-data; boundary=x"
    yield "no content type", fields.encode(), ""
    yield "an unknown charset", fields.encode(), f"{FORM}; charset=klingon"
    for what, raw in NO_TEXT.items():
        yield what, b"&".join(name.encode() + b"=" + raw for name in form.tried), FORM


def signed_in(enter, role, before):
    """Nothing else changes between two forms: each is undone."""
    client = enter(role)
    before[User] = written_in(User)
    return client


def test_every_address_that_changes_something_is_tried(scene):
    tried = {form.door for form in forms(scene)}

    assert [name for name, door in DOORS.items() if door.changes and name not in tried] == []


def test_every_form_is_taken_when_it_is_rightly_filled(enter, scene):
    """Else the walks below would try nothing."""
    refused, before = [], everything_written()
    for form in filter(lambda form: form.fields, forms(scene)):
        client = signed_in(enter, form.role, before)
        outcome = outcome_of(lambda: client.post(form.address, form.fields), before)  # noqa: B023
        if outcome.wrong or outcome.response.status_code not in (200, 302):
            refused.append(f"{form.door}: {outcome.response.status_code} {outcome.wrong}")

    assert refused == []


def test_a_manager_who_presses_twice_does_it_once_and_is_told_nothing_odd(enter, scene):
    wrong = []
    for form in filter(lambda form: form.role in MANAGERS, forms(scene)):
        client = enter(form.role)
        with transaction.atomic():
            first = client.post(form.address, form.fields)
            again, more = more_rows_after(lambda: client.post(form.address, form.fields))  # noqa: B023
            transaction.set_rollback(True)
        if again.status_code != first.status_code or more:
            wrong.append(f"{form.door}: {first.status_code}, then {again.status_code} and {more}")

    assert wrong == []


@pytest.mark.parametrize("kind", HOSTILE)
def test_one_hostile_field_among_good_ones_does_no_harm(kind, enter, scene):
    wrong, before = [], everything_written()
    tried = [(form, name) for form in forms(scene) for name in form.tried if is_tried(kind, form.door, name)]
    for form, names in groupby(tried, itemgetter(0)):
        client = signed_in(enter, form.role, before)
        for _form, name in names:
            given = form.fields | {name: HOSTILE[kind]}
            outcome = outcome_of(lambda: client.post(form.address, given), before)  # noqa: B023
            wrong += complaints(f"{form.door} {name}", outcome)

    assert not wrong, "\n".join(wrong)


def test_a_body_that_is_no_form_does_no_harm(enter, scene):
    wrong, before = [], everything_written()
    tried = [(form, body) for form in forms(scene) for body in bodies(form) if is_tried(body[0], form.door)]
    for form, its in groupby(tried, itemgetter(0)):
        client = signed_in(enter, form.role, before)
        for _form, (what, body, content_type) in its:
            outcome = outcome_of(lambda: client.generic("POST", form.address, body, content_type), before)  # noqa: B023
            wrong += complaints(f"{form.door}, {what}", outcome)

    assert not wrong, "\n".join(wrong)


def test_a_missing_field_does_no_harm(enter, scene):
    wrong, before = [], everything_written()
    for form in forms(scene):
        client = signed_in(enter, form.role, before)
        for name in form.tried:
            given = {other: value for other, value in form.fields.items() if other != name}
            outcome = outcome_of(lambda: client.post(form.address, given), before)  # noqa: B023
            wrong += complaints(f"{form.door} without {name}", outcome)

    assert not wrong, "\n".join(wrong)


def test_a_file_where_none_is_asked_for_does_no_harm(enter, scene):
    wrong, before = [], everything_written()
    for form in forms(scene):
        client = signed_in(enter, form.role, before)
        for name in [*form.tried, "file"]:
            file = SimpleUploadedFile("x\u202e.exe", b"MZ\x00\xff" * 100, "application/x-msdownload")
            outcome = outcome_of(lambda: client.post(form.address, form.fields | {name: file}), before)  # noqa: B023
            wrong += complaints(f"{form.door}, a file as {name}", outcome)

    assert not wrong, "\n".join(wrong)
