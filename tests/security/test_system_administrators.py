"""A system administrator looks after people and mail, and cannot become one of them (MODEL §5)."""

import pytest
from django.urls import reverse

from tests.factories import PASSWORD, EnrolmentFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    return client


def test_an_administrator_gives_nobody_another_address_or_password_in_the_editor(administrator):
    person = EnrolmentFactory().person
    page = reverse("wagtailusers_users:edit", args=[person.pk])
    changed = {"email": "en.anden@fjordby.example", "first_name": "En", "last_name": "Anden", "is_active": "on"}
    changed |= dict.fromkeys(["password1", "password2"], "et helt andet kodeord")

    for answer in (administrator.get(page), administrator.post(page, changed)):
        assert (answer.status_code, answer["Location"]) == (302, "/support/")

    before = person.email
    person.refresh_from_db()
    assert person.email == before
    assert person.check_password(PASSWORD)


def test_an_administrator_gives_nobody_a_second_address_to_sign_in_by(administrator, mailoutbox):
    person = EnrolmentFactory().person
    second = {"user": str(person.pk), "email": "en.anden@fjordby.example", "verified": "on"}

    administrator.post("/support/account/emailaddress/add/", second)
    administrator.logout()
    administrator.post(reverse("account_reset_password"), {"email": "en.anden@fjordby.example"})

    assert [mail.to for mail in mailoutbox if "/konto/password/reset/key/" in mail.body] == []
