"""Another site cannot act in somebody's name, not even with their one careless press."""

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def posted(address, fields, **headers):
    return Client(enforce_csrf_checks=True).post(address, fields, **headers)


def test_what_another_site_posts_is_not_offered_to_be_sent_again():
    response = posted(reverse("write-free"), {"field-text": "Lagt her af andre"}, HTTP_ORIGIN="https://ond.example")

    assert response.status_code == 403
    assert "Lagt her af andre" not in response.content.decode()
    assert response.content.decode().count("<form") == Client().get("/findes-ikke/").content.decode().count("<form")


@pytest.mark.parametrize("headers", [{}, {"HTTP_ORIGIN": "http://testserver"}])
def test_what_our_own_page_posts_with_an_old_token_is_shown_again(headers):
    response = posted(
        reverse("write-free"), {"field-text": "Min egen tekst", "present": ["her", "også her"]}, **headers
    )

    assert response.status_code == 403
    for words in ("Min egen tekst", 'value="her"', 'value="også her"'):
        assert words in response.content.decode()


def test_a_password_is_never_shown_again():
    secrets = {"oldpassword": "den gamle nøgle", "password1": "den nye nøgle"}

    page = posted(reverse("account_change_password"), secrets).content.decode()

    assert "nøgle" not in page
