"""A wrong value in the environment stops the start with one sentence that says what to write."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-secret-of-more-than-thirty-two-characters"
KEYS = {"SECRET_KEY": SECRET, "MASTER_KEYS": f"test:{SECRET}"}
OURS = {
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "INBOX_URL",
    "DEBUG",
    "SITE_URL",
    *KEYS,
    "DJANGO_SETTINGS_MODULE",
    "SEND_SPREAD",
}

NO_DATABASE = "DATABASE_URL is not a database's address. Write postgres://user:password@host:5432/name."
NO_SMTP = "EMAIL_URL is not an SMTP address. Write smtp://user:password@host:587?tls=1."
NO_REDIS = "REDIS_URL is not an address we can use. Write redis://user:password@host:6379/0."
NO_SITE = "SITE_URL is not an address we can use. Write https://ledelse.kommunen.example."
NO_INBOX = "INBOX_URL is not a mailbox. Write imaps://user:password@host/INBOX, or file:///a/folder for one of files."
NO_SECRET = "SECRET_KEY is missing. Write a long random value, for example from `openssl rand -base64 32`."
NO_MASTER_KEY = (
    "MASTER_KEYS is missing or incomplete. Write name:secret, for example 2026:$(openssl rand -base64 32), "
    "and a comma between two. A secret has at least 32 characters."
)
DATABASE = {"DATABASE_URL": "postgres://user:password@host/name"}


def check(tmp_path, **values):
    """`manage.py check` with nothing of ours in the environment but these values."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COURSEPLATFORM_")}
    env = {name: value for name, value in inherited.items() if name not in OURS}
    command = [sys.executable, "manage.py", "check"]
    env |= {"COURSEPLATFORM_VAR": str(tmp_path), **values}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (KEYS | {"DATABASE_URL": "nonsense"}, NO_DATABASE),
        ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN is short. Write at least 32 characters, or leave it out."),
        (KEYS | {"DATABASE_URL": ""}, NO_DATABASE),
        (KEYS | {"DATABASE_URL": "mysql://user:password@host/name"}, NO_DATABASE),
        (KEYS | {"DATABASE_URL": "postgres://user:pass/word@host:port/name"}, NO_DATABASE),
        ({"EMAIL_URL": "nonsense"}, NO_SMTP),
        ({"EMAIL_URL": "smtp://host:port"}, NO_SMTP),
        ({"EMAIL_URL": "https://mail.example"}, NO_SMTP),
        ({"REDIS_URL": "nonsense"}, NO_REDIS),
        ({"REDIS_URL": "http://host"}, NO_REDIS),
        ({"REDIS_URL": "redis://"}, NO_REDIS),
        ({"INBOX_URL": "imap://user:password@mail.example/INBOX"}, NO_INBOX),  # a password in the open
        ({"SITE_URL": "ledelse.kommunen.example"}, NO_SITE),
        ({"DEBUG": "maybe"}, "DEBUG is “maybe”. Write True or False."),
        ({"SEND_SPREAD": "a while"}, "SEND_SPREAD is “a while”. Write a whole number."),
        (
            {"COURSEPLATFORM_CLOCK_SHIFT": "60"},
            "COURSEPLATFORM_CLOCK_SHIFT moves time and is only for demo and tests. Leave it out.",
        ),
        (
            {"COURSEPLATFORM_CLOCK_SHIFT": "soon", "COURSEPLATFORM_DEMO": "True"},
            "COURSEPLATFORM_CLOCK_SHIFT is “soon”. Write a whole number.",
        ),
        (DATABASE, NO_SECRET),
        (DATABASE | {"SECRET_KEY": SECRET}, NO_MASTER_KEY),
        (DATABASE | KEYS | {"MASTER_KEYS": "only-a-secret-and-no-name-before-it"}, NO_MASTER_KEY),
    ],
)
def test_the_start_stops_with_what_to_write(values, sentence, tmp_path):
    ended = check(tmp_path, **values)

    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", f"{sentence}\n")


def test_the_start_succeeds_with_nothing_and_with_everything(tmp_path):
    everything = KEYS | {
        "DATABASE_URL": "postgres://user:p%40ssword@host:5432/name?sslmode=require",
        "REDIS_URL": "rediss://user:password@host:6379/0",
        "EMAIL_URL": "smtps://user:password@host",
        "INBOX_URL": "imap://user:p%40ssword@mail.example:143/INBOX?tls=1",
        "SITE_URL": "https://ledelse.kommunen.example/",
        "DEBUG": "0",
    }

    assert [check(tmp_path, **values).returncode for values in ({}, everything)] == [0, 0]
