"""What browsers are told to refuse."""

import re
from pathlib import Path

import pytest

from tests.factories import EnrolmentFactory, RoleFactory, UserFactory

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
IN_MAILS = {"emails", "email"}


def policy_of(response):
    return dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/konto/login/", "/", "/min-side/", "/logbog/", "/hold/", "/findes/ikke/", "/demo/mail/"]
)
def test_our_pages_run_no_script_and_no_style_but_our_files(client, address):
    person = UserFactory()
    EnrolmentFactory(person=person)
    RoleFactory(person=person)
    if address != "/konto/login/":
        client.force_login(person)
    response = client.get(address)
    policy = policy_of(response)

    assert policy == {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", response.content.decode())


@pytest.mark.django_db
def test_only_the_editor_may_run_its_own_inline_scripts(client):
    client.force_login(UserFactory(is_superuser=True))

    assert "unsafe-inline" in policy_of(client.get("/cms/"))["script-src"]
    assert "unsafe-eval" not in client.get("/cms/").headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_support_desk_keeps_the_strict_policy(client):
    client.force_login(UserFactory(is_superuser=True, is_staff=True))

    assert "unsafe" not in client.get("/support/").headers["Content-Security-Policy"]


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT / "templates")))
def test_no_template_holds_inline_script_or_style(file):
    if IN_MAILS.isdisjoint(file.parts):
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|hx-on", file.read_text())


@pytest.mark.django_db
def test_browsers_are_told_to_guess_and_to_share_nothing(client):
    headers = client.get("/konto/login/").headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "microphone=()" in headers["Permissions-Policy"]
