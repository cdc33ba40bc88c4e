"""What a browser keeps for when there is no network: a short list of files and two pages that hold nobody's words."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation

FILES = (
    "vendor/fonts/fonts.css",
    "vendor/fonts/ibm-plex-sans-latin-400-normal.woff2",
    "vendor/fonts/ibm-plex-sans-latin-600-normal.woff2",
    "vendor/dkfds/css/dkfds.css",
    "css/tokens.css",
    "css/app.css",
    "css/writing.css",
    "js/kept_texts.js",
    "js/writing.js",
    "js/offline.js",
    "icon.svg",
)
WORKER = "js/offline_worker.js"
PAGES = {"offline": "journal/offline.html", "write-offline": "journal/write_offline.html"}


def addresses() -> list[str]:
    """All that is ever in the cache."""
    return [*map(static, FILES), *map(reverse, PAGES)]


@lru_cache(maxsize=4)
def version(language: str) -> str:
    """Changes with anything that is kept, so that a browser fetches it anew."""
    with translation.override(language):
        pages = [render_to_string(template) for template in PAGES.values()]
    found = [finders.find(name) for name in (*FILES, WORKER)]
    whole = hashlib.sha256("".join([language, *addresses(), *pages]).encode())
    for file in filter(None, found):
        whole.update(Path(str(file)).read_bytes())
    return whole.hexdigest()[:16]
