"""What somebody has written is found nowhere but on the pages of those who may read it (MODEL I6, I20)."""

import logging
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.db import connection
from django.urls import reverse
from wagtail.search.index import get_indexed_models
from wagtail.snippets.models import get_snippet_models

from courseplatform.journal.models import Reflection
from courseplatform.outbox.models import Message
from courseplatform.people.models import RoleAssignment
from courseplatform.people.privacy.sealing import seal
from tests.factories import RoleFactory, UserFactory
from tests.journal.conftest import NOW
from tests.journal.whole_database import places_with
from worker import ticks

pytestmark = pytest.mark.django_db(transaction=True)
# The first word is searched for, the second one betrays a hit: a search page may repeat what was asked.
TEXTS = {kind: f"zebravagt{kind} løvetand{kind}" for kind in ("privat", "delt", "kladde", "aendret")}
BETRAYALS = [text.split()[1] for text in TEXTS.values()]


@pytest.fixture
def logs(caplog):
    """All that is logged, also each SQL statement with its values."""
    connection.force_debug_cursor = True
    for name in ("", "django", "celery"):
        caplog.set_level(logging.DEBUG, logger=name)
    yield caplog
    connection.force_debug_cursor = False


@pytest.fixture
def all_written(logs, signed_in, author, message):
    """One text of each kind, through the pages; and a night of the engine after it."""
    browser = signed_in(author.person)
    with time_machine.travel(NOW, tick=True):
        _write(browser, TEXTS["privat"], reverse("write", args=[message.pk]))
        _write(browser, TEXTS["aendret"])
        own = reverse("reflection-edit", args=[Reflection.objects.get(message=None).pk])
        _write(browser, TEXTS["delt"], own, edition=1, visibility="cohort")
        _write(browser, TEXTS["kladde"], headers={"X-Requested-With": "autosave"})
    for hours in range(0, 72, 6):
        ticks.whole_pass(NOW + timedelta(hours=hours))
    assert [one.state for one in Reflection.objects.order_by("state")] == ["draft", "saved", "saved"]
    assert Reflection.objects.get(visibility="cohort").revisions.count() == 1


def _write(browser, text, address=None, *, edition=0, visibility="private", **request):
    posted = {"edition": edition, "model": "free", "shown": "private", "visibility": visibility, "field-text": text}
    response = browser.post(address or reverse("write-free"), posted | {"entry": str(uuid4())}, **request)
    assert response.status_code in (200, 302)


def found_in(text):
    return [word for word in BETRAYALS if word in text]


def test_no_copy_of_the_database_holds_a_text(all_written):
    assert [place for word in BETRAYALS for place in places_with(word)] == []


@pytest.mark.parametrize("hide", ["a row", "bytes in a row", "a session"])
def test_the_search_through_the_database_does_find_what_is_there(hide, message, client):
    if hide == "a row":
        Message.objects.update(reason="løvetandprivat")
    elif hide == "bytes in a row":
        Reflection.objects.create(
            enrolment=message.enrolment, author=message.person, occurred_on=NOW.date(), sealed="løvetandprivat".encode()
        )
    else:
        session = client.session
        session["text"] = "løvetandprivat"
        session.save()
        assert Session.objects.count() == 1

    assert places_with("løvetandprivat") != []


def test_no_log_line_holds_a_text(all_written, logs):
    said = "\n".join(record.getMessage() for record in logs.get_records("setup"))

    assert 'INSERT INTO "journal_reflection"' in said  # with its values, so a text among them would be seen
    assert found_in(said) == []


def test_no_mail_holds_a_text(all_written, author, mailoutbox):
    Message.objects.filter(enrolment=author).update(
        state="due", due_at=NOW, answered_at=None, expires_at=NOW + timedelta(days=9), claim=None, sent_at=None
    )
    ticks.whole_pass(NOW + timedelta(minutes=1))

    assert len(mailoutbox) > 0
    assert [word for mail in mailoutbox for word in found_in(str(mail.message()) + mail.body + mail.subject)] == []


def _desk_pages():
    """Every list, search and form of the support desk and the editor."""
    search = TEXTS["privat"].split()[0]
    yield from ("/support/", "/cms/", "/cms/reports/", f"/cms/pages/search/?q={search}", f"/cms/images/?q={search}")
    yield from (f"/cms/documents/?q={search}", "/cms/reports/site-history/", f"/cms/users/?q={search}")
    for model, desk in admin.site._registry.items():
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        yield address
        if desk.search_fields:
            yield f"{address}?q={search}"
        for thing in model._default_manager.all()[:3]:
            yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[thing.pk])


def test_no_desk_shows_a_text_to_any_administrator(all_written, signed_in):
    almighty = UserFactory(is_superuser=True, is_staff=True)
    for kind in RoleAssignment.Kind.values:
        RoleFactory(person=almighty, kind=kind)
    browser = signed_in(almighty)

    shown = {address: browser.get(address, follow=True) for address in _desk_pages()}

    assert {address for address, page in shown.items() if page.status_code == 200} >= {"/support/", "/cms/"}
    assert {address: found_in(page.content.decode()) for address, page in shown.items() if page.context} == {
        address: [] for address, page in shown.items() if page.context
    }


@pytest.mark.parametrize("model", [Reflection, Reflection.revisions.rel.related_model])
def test_reflections_are_on_no_desk(model):
    assert model not in admin.site._registry
    assert model not in get_indexed_models()
    assert model not in get_snippet_models()


def test_hr_meets_no_text_on_any_page_of_theirs(all_written, signed_in, author):
    hr = author.cohort.owner_hr
    RoleFactory(person=hr, kind=RoleAssignment.Kind.HR)
    browser = signed_in(hr)

    for address in (reverse("cohorts"), reverse("cohort", args=[author.cohort_id])):
        page = browser.get(address, follow=True)
        assert page.status_code == 200
        assert found_in(page.content.decode()) == []


def test_a_crash_over_a_text_repeats_none_of_it(signed_in, author, logs, settings, mailoutbox):
    settings.ADMINS = [("Drift", "drift@fjordby.example")]
    settings.MASTER_KEYS = ["lost:another secret"]
    seal(author.person, "the first text makes a key", "row")
    settings.MASTER_KEYS = ["other:a third secret"]  # nothing can be sealed or opened any more
    browser = signed_in(author.person)
    browser.raise_request_exception = False

    posted = {"edition": 0, "model": "free", "visibility": "private", "field-text": TEXTS["privat"]}
    response = browser.post(reverse("write-free"), posted | {"entry": str(uuid4())})

    assert response.status_code == 500
    [report] = mailoutbox
    assert "SealBrokenError" in str(report.message())
    for place in (response.content.decode(), str(report.message()), report.body, logs.text):
        assert found_in(place) == []
