"""The product's own settings; only what is slow, or would leave the machine, differs."""

import os

os.environ.setdefault("COURSEPLATFORM_DEMO", "True")

from courseplatform.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_RATE_LIMITS: dict[str, str] = {}
