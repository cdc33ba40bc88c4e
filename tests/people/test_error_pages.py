"""When something goes wrong: what happened, what was kept, what to do next, in both languages."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.test import Client, override_settings
from django.urls import include, path

from courseplatform.people.refusals import Refusal
from tests.factories import UserFactory


def fails_with(error):
    def view(request):
        raise error

    return view


urlpatterns = [
    path("bad/", fails_with(SuspiciousOperation("secret detail"))),
    path("forbidden/", fails_with(PermissionDenied("secret detail"))),
    path("broken/", fails_with(RuntimeError("secret detail"))),
    path("refused/", fails_with(Refusal("Mødet er aflyst.", state="aflyst"))),
    path("", include("courseplatform.urls")),
]
handler400 = "courseplatform.people.errors.bad_request"
handler403 = "courseplatform.people.errors.forbidden"
handler404 = "courseplatform.people.errors.not_found"
handler500 = "courseplatform.people.errors.broken"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("address", "status", "danish", "english"),
    [
        ("/bad/", 400, "Det forstod vi ikke", "We did not understand that"),
        ("/forbidden/", 403, "Siden er til en anden", "This page is for somebody else"),
        ("/findes/ikke/", 404, "Vi kan ikke finde siden", "We cannot find that page"),
        ("/refused/", 409, "Det kan ikke lade sig gøre nu", "It cannot be done now"),
        ("/broken/", 500, "Noget gik galt hos os", "Something went wrong here"),
    ],
)
def test_the_page_says_it_in_both_languages(visitor, address, status, danish, english):
    for language, words in (("da", danish), ("en", english)):
        response = visitor.get(address, headers={"accept-language": language})
        html = response.content.decode()

        assert response.status_code == status
        assert f"<h1>{words}</h1>" in html
        assert f'<html lang="{language}">' in html
        assert 'class="button button-primary" href="/"' in html
        assert "secret detail" not in html


def test_a_refusal_says_why_and_where_things_stand(visitor):
    html = visitor.get("/refused/").content.decode()

    assert "Mødet er aflyst." in html
    assert "Det står som: aflyst." in html


def test_a_form_without_its_token_is_refused_and_what_was_typed_is_kept():
    visitor = Client(enforce_csrf_checks=True)
    response = visitor.post("/sprog/", {"language": "en", "field-text": "Det, jeg lige skrev"})

    assert response.status_code == 403
    assert "Vi kunne ikke se, at det var dig" in response.content.decode()
    assert "Det, jeg lige skrev" in response.content.decode()


def test_when_everything_is_broken_the_page_needs_neither_person_nor_menu(visitor):
    visitor.force_login(UserFactory(display_name="Plejehjemsleder, Engholm"))
    seen = []

    def noticing(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(noticing):
        html = visitor.get("/broken/").content.decode()

    assert "Noget gik galt hos os" in html
    assert "Fjordby Kommune" not in html
    assert not [sql for sql in seen if "django_session" not in sql and "people_user" not in sql]


@override_settings(DATABASES={})
def test_the_page_for_what_is_broken_stands_without_a_request():
    from courseplatform.people.errors import broken

    assert broken(None).status_code == 500
