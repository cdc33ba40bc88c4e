"""The environment of a real installation gives safe settings, and an unsafe one is refused before it is used."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks

ROOT = Path(__file__).resolve().parent.parent.parent
SECRET = "b0Zr3lQ2c9vT8sW1xY7uP6nM5kJ4hG0fD2aS3qE8wQ9zX1cV6"
PRODUCTION = {
    "DATABASE_URL": "postgres://web:secret@db/web",
    "REDIS_URL": "redis://cache:6379/0",
    "EMAIL_URL": "smtp://mail:587?tls=1",
    "SECRET_KEY": SECRET,
    "MASTER_KEYS": f"2026:{SECRET}",
    "SITE_URL": "https://laering.example",
    "ALLOWED_HOSTS": "laering.example",
}
NAMES = [
    "DEBUG", "DEMO", "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS",
    "ACCOUNT_DEFAULT_HTTP_PROTOCOL", "ALLAUTH_TRUSTED_PROXY_COUNT",
]  # fmt: skip
TELL = f"""
import json, courseplatform.settings as s
print(json.dumps({{name: getattr(s, name) for name in {NAMES}}} | {{"has_demo": "demo" in s.INSTALLED_APPS}}))
"""


def told_with(tmp_path, **environment):
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "VIRTUAL_ENV")}
    surroundings = kept | PRODUCTION | environment | {"COURSEPLATFORM_VAR": str(tmp_path)}
    return subprocess.run([sys.executable, "-c", TELL], cwd=ROOT, env=surroundings, capture_output=True, text=True)


def settings_with(tmp_path, **environment):
    told = told_with(tmp_path, **environment)
    told.check_returncode()
    return json.loads(told.stdout)


def test_production_is_closed_by_default(tmp_path):
    assert settings_with(tmp_path, TRUSTED_PROXIES="1") == {
        "DEBUG": False,
        "DEMO": False,
        "has_demo": False,
        "ALLOWED_HOSTS": ["laering.example"],
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "ACCOUNT_DEFAULT_HTTP_PROTOCOL": "https",
        "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
    }


def test_the_demo_and_its_open_mail_never_start_where_people_write(tmp_path):
    told = told_with(tmp_path, COURSEPLATFORM_DEMO="True")

    assert told.returncode != 0
    assert told.stderr.endswith(
        "COURSEPLATFORM_DEMO shows every mail to everybody, so it goes with embedded data alone. "
        "Leave out COURSEPLATFORM_DEMO, or leave out DATABASE_URL.\n"
    )


SAFE = {
    "DEBUG": False,
    "DEMO": False,
    "USES_HTTPS": True,
    "ALLOWED_HOSTS": ["laering.example"],
    "REDIS_URL": "redis://cache:6379/0",
    "EMAIL_BACKEND": "courseplatform.outbox.relay.channels.SmtpBackend",
}


def refused(settings, **changed):
    for name, value in (SAFE | changed).items():
        setattr(settings, name, value)
    found = run_checks(tags=["security"], include_deployment_checks=True)
    return {error.id.removeprefix("courseplatform.") for error in found if error.id.startswith("courseplatform.")}


def test_safe_settings_are_not_refused(settings):
    assert refused(settings) == set()


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("DEBUG", True, "DEBUG"),
        ("DEMO", True, "DEMO"),
        ("USES_HTTPS", False, "SITE_URL"),
        ("ALLOWED_HOSTS", ["laering.example", "*"], "ALLOWED_HOSTS"),
        ("REDIS_URL", "", "REDIS_URL"),
        ("EMAIL_BACKEND", "courseplatform.outbox.relay.mailfolder.EmailBackend", "EMAIL_URL"),
    ],
)
def test_what_is_right_for_a_demo_alone_is_refused(settings, name, value, named):
    assert refused(settings, **{name: value}) == {named}
