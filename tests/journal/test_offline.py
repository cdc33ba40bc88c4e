"""What a browser is told to keep for when there is no network: installable, and the same for everybody."""

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from PIL import Image

from courseplatform.journal.offline import addresses, version

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "name"), [("da", "Mit forløb"), ("en", "My programme")])
def test_it_can_be_installed_in_the_readers_language(client, language, name):
    answer = client.get("/manifest.webmanifest", headers={"Accept-Language": language})
    told = json.loads(answer.content)

    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert (told["name"], told["lang"], told["display"], told["start_url"]) == (name, language, "standalone", "/")
    assert told["shortcuts"][0]["url"] == "/skriv/"
    for icon in told["icons"]:
        with Image.open(finders.find(icon["src"].removeprefix("/static/"))) as picture:
            assert icon["sizes"] == f"{picture.width}x{picture.height}"
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}


def test_the_worker_serves_all_pages_and_is_never_an_old_one(client):
    answer = client.get("/sw.js")

    assert answer.headers["Content-Type"] == "text/javascript"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    for place in addresses():
        assert json.dumps(place) in answer.content.decode()


def test_what_is_kept_has_a_version_that_changes_with_it(tmp_path, settings):
    before = version("da")
    assert before != version("en")

    version.cache_clear()
    changed = tmp_path / "css"
    changed.mkdir()
    (changed / "tokens.css").write_text("body { color: red }")
    settings.STATICFILES_DIRS = [tmp_path, *settings.STATICFILES_DIRS]
    finders.get_finder.cache_clear()
    try:
        assert version("da") != before
    finally:
        version.cache_clear()
        finders.get_finder.cache_clear()


@pytest.mark.parametrize("name", ["offline", "write-offline"])
def test_the_pages_it_keeps_are_the_same_for_everybody(client, author, name):
    page = client.get(reverse(name))

    assert not page.cookies
    assert "Cache-Control" not in page.headers
    assert "csrf" not in page.content.decode()
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", page.content.decode())


def test_signing_out_clears_what_the_browser_keeps(client, author):
    client.force_login(author.person)

    assert "Clear-Site-Data" not in client.get(reverse("account_logout")).headers
    assert client.post(reverse("account_logout")).headers["Clear-Site-Data"] == '"storage"'
    assert "Clear-Site-Data" not in client.post(reverse("account_logout")).headers  # nobody's sitting ends here
