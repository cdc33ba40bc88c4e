"""The service worker, the manifest, and the two pages that a browser keeps. The same for everybody."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courseplatform.journal.offline import FILES, PAGES, WORKER, version

ICONS = (
    ("icons/icon-192.png", 192, "any"),
    ("icons/icon-512.png", 512, "any"),
    ("icons/maskable-512.png", 512, "maskable"),
)
PAPER = "#F7F5F0"


@require_safe
@never_cache
def service_worker(request: HttpRequest) -> HttpResponse:
    """From the root, so that it serves all pages; asked for anew each time, so that a mended one is taken at once."""
    language = get_language() or "da"
    facts = {
        "VERSION": version(language),
        "LANGUAGE": language,
        "FILES": [static(name) for name in FILES],
        "PAGES": [reverse(name) for name in PAGES],
        "OFFLINE": reverse("offline"),
        "WRITE": reverse("write-offline"),
    }
    lines = [f"const {name} = {json.dumps(value)};" for name, value in facts.items()]
    scripts = json.dumps([static("js/kept_texts.js"), static(WORKER)])
    return HttpResponse("\n".join([*lines, f"importScripts(...{scripts});", ""]), content_type="text/javascript")


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What the home screen shows. In the reader's language."""
    icons = [
        {"src": static(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for name, size, purpose in ICONS
    ]
    whole = {
        "id": "/",
        "name": _("My programme"),
        "short_name": _("My programme"),
        "lang": get_language(),
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": icons,
        "shortcuts": [{"name": _("Write"), "url": reverse("write-free")}],
    }
    return JsonResponse(whole, content_type="application/manifest+json")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Shown instead of any page there is no network for."""
    return render(request, "journal/offline.html")


@require_safe
def write_offline(request: HttpRequest) -> HttpResponse:
    """A field to write in without network; who writes there the browser knows."""
    return render(request, "journal/write_offline.html")
