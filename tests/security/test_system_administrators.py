"""A system administrator looks after people and mail, and cannot become one of them (MODEL §5)."""

import pytest
from django.urls import reverse

from tests.factories import PASSWORD, EnrolmentFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_an_administrator_cannot_give_somebody_a_password(client):
    person = EnrolmentFactory().person
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    page = reverse("wagtailusers_users:edit", args=[person.pk])

    shown = client.get(page)
    client.post(
        page, {"email": person.email, "password1": "et helt andet kodeord", "password2": "et helt andet kodeord"}
    )

    assert shown.status_code == 200
    assert 'name="password1"' not in shown.content.decode()
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
