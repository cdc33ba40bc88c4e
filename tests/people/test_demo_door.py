"""The demo's open door: there with the demo, and not a trace of it without."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from demo.people import PASSWORD, SHOWN
from tests.factories import UserFactory

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
def test_the_sign_in_page_offers_a_button_for_each_demo_person_by_role(client):
    html = client.get("/konto/login/").content.decode()

    assert [html.count(f'value="{person.email}"') for person in SHOWN] == [1] * 6
    assert (
        html.index("Ledere</h3>")
        < html.index("En kollega</h3>")
        < html.index("HR</h3>")
        < html.index("Facilitator</h3>")
    )


@pytest.mark.django_db
@pytest.mark.parametrize("shown", SHOWN, ids=lambda person: person.key)
def test_one_press_signs_in(client, shown):
    person = UserFactory(email=shown.email, password=PASSWORD)
    client.post("/konto/login/", {"login": shown.email, "password": PASSWORD, "next": "/min-side/"})

    assert client.session["_auth_user_id"] == str(person.pk)


WITHOUT = """
import django
django.setup()
from importlib.util import find_spec
import sys
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import resolve
from courseplatform.people.templatetags.signing_in import extras
request = RequestFactory().get("/konto/login/")
from allauth.account.forms import LoginForm
html = render_to_string("account/login.html", {"form": LoginForm(), "request": request})
print(extras, "fjordby" in html.lower(), [name for name in sys.modules if name.split(".")[0] == "demo"])
"""


def test_without_the_demo_there_is_no_trace_of_it(tmp_path):
    environment = {
        **os.environ,
        "COURSEPLATFORM_DEMO": "False",
        "COURSEPLATFORM_VAR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "courseplatform.settings",
        "HASHED_STATIC": "False",
    }
    ran = subprocess.run([sys.executable, "-c", WITHOUT], cwd=ROOT, env=environment, capture_output=True, text=True)

    assert ran.stdout.strip() == "[] False []", ran.stderr
