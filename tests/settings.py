"""The product's own settings; only what is slow, or would leave the machine, differs."""

import os

os.environ.setdefault("COURSEPLATFORM_DEMO", "True")
os.environ.setdefault("COURSEPLATFORM_TESTS", "True")

from courseplatform.settings import *  # noqa: F403
from courseplatform.settings import CACHES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SEND_SPREAD = 0
ERASURES_FILE = os.devnull  # what one test erases is not erased again in the next
ACCOUNT_RATE_LIMITS = False  # tests/people/test_signing_in.py counts
# Workers share one Redis, and each has its own database.
CACHES["default"]["KEY_PREFIX"] = os.environ.get("PYTEST_XDIST_WORKER", "")
# Every test client would read all static files at its birth, and that costs more than most of what it asks for.
WHITENOISE_AUTOREFRESH = True
