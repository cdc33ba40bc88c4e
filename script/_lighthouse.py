"""Runs Lighthouse over the demo, signed in as those who use each page. Writes page → category → score (0–100)."""

import http.cookiejar
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from _installing import Stop, digest

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "script" / "lighthouse_lock"
RESULTS = ROOT / "bench" / "lighthouse.json"
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100}
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
FLAGS = ["--headless=new", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FLAGS += ["--disable-sync", "--disable-quic", "--no-first-run"]
MANAGER, HR, FACILITATOR = "m08", "h1", "f1"
# A page by its name: who opens it, and where it is. A link found on the page before says where, after “→”.
PAGES = {
    "sign in": ("", "/konto/login/"),
    "today": (MANAGER, "/"),
    "programme": (MANAGER, "/forloeb/"),
    "lesson": (MANAGER, "/forloeb/ → /forloeb/[^/]+/a2-1/"),
    "write": (MANAGER, "/skriv/"),
    "log": (MANAGER, "/logbog/"),
    "group": (MANAGER, "/gruppe/"),
    "workshop": (MANAGER, "/forloeb/ → /workshop/[^/]+/"),
    "my page": (MANAGER, "/min-side/"),
    "cohorts": (HR, "/hold/"),
    "facilitator": (FACILITATOR, "/facilitator/"),
}
Scores = dict[str, dict[str, int]]


@dataclass
class Visitor:
    """Somebody's browser at the demo, as far as finding pages goes."""

    site: str
    key: str
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def __post_init__(self) -> None:
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        if self.key:
            self.sign_in()

    def read(self, path: str, form: dict[str, str] | None = None) -> str:
        data = urllib.parse.urlencode(form).encode() if form else None
        with self.opener.open(self.site + path, data, timeout=30) as answer:
            return str(answer.read().decode())

    def sign_in(self) -> None:
        """With the password that the demo shows to everybody."""
        page = self.read("/konto/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        password = os.environ.get("DEMO_PASSWORD", "prøv det i fjordby")
        form = {"login": f"{self.key}@fjordby.example", "password": password}
        self.read("/konto/login/", form | {"csrfmiddlewaretoken": token[1] if token else ""})
        if "sessionid" not in {cookie.name for cookie in self.jar}:
            raise Stop(f"{self.key} could not sign in at {self.site}. Is it the demo that runs there?")

    def find(self, place: str) -> str:
        """The address itself, or the first link of that form on the page it names."""
        page, _arrow, link = place.partition(" → ")
        if not link:
            return page
        found = re.search(f'href="({link})', self.read(page))
        if found is None:
            raise Stop(f"There is no link to {link} on {page} for {self.key}.")
        return found[1]

    @property
    def cookies(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)


def lighthouse() -> Path:
    """The program, installed once for each lock file into the data folder."""
    folder = Path(os.environ.get("COURSEPLATFORM_VAR", ROOT / "var")) / "lighthouse"
    program, mark = folder / "node_modules" / ".bin" / "lighthouse", folder / "installed"
    wanted = digest(LOCK / "package-lock.json")
    if program.exists() and mark.exists() and mark.read_text() == wanted:
        return program
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(LOCK / name, folder)
    print("Fetching Lighthouse, once (about 190 MB).", flush=True)
    npm = runpy.run_path(str(ROOT / "script" / "assets"))["npm"]()
    if subprocess.run([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder).returncode != 0:
        raise Stop("npm could not fetch Lighthouse; the lines above say why.")
    mark.write_text(wanted)
    return program


def measure(program: Path, visitor: Visitor, address: str) -> dict[str, int]:
    """One visit with an empty cache on a slow phone."""
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise Stop("There is no Chromium here. On Debian and Ubuntu: apt install chromium")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with tempfile.TemporaryDirectory() as folder:
        # In a file only the owner reads, and not on a command line that everybody on the machine can see.
        headers, report = Path(folder, "headers.json"), Path(folder, "report.json")
        headers.write_text(json.dumps({"Cookie": visitor.cookies} if visitor.cookies else {}))
        command = [program, visitor.site + address, "--quiet", "--output=json", f"--output-path={report}"]
        command += [f"--only-categories={','.join(LEAST)}", f"--extra-headers={headers}", "--no-enable-error-reporting"]
        command += [f"--chrome-flags={' '.join(flags)}"]
        env = {**os.environ, "CHROME_PATH": browser}
        # Now and then Chromium records a visit without its beginning; a page that fails twice in a row is broken.
        if all(subprocess.run(command, env=env).returncode != 0 for _visit in range(2)):
            raise Stop(f"Lighthouse could not open {address}; the lines above say why.")
        return scores(json.loads(report.read_text()), address)


def scores(report: dict, address: str) -> dict[str, int]:
    """Category → 0–100; what costs points is printed."""
    for name, category in report["categories"].items():
        if category["score"] is None:
            raise Stop(f"Lighthouse has no score for {name} of {address}.")
        for part in category["auditRefs"]:
            audit = report["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                print(f"    {name}: {audit['title']} {audit.get('displayValue', '')}")
    return {name: round(category["score"] * 100) for name, category in report["categories"].items()}


def main(site: str) -> int:
    """How many pages are under what is wanted."""
    program = lighthouse()
    visitors: dict[str, Visitor] = {}
    found: Scores = {}
    for name, (key, place) in PAGES.items():
        visitor = visitors.get(key) or visitors.setdefault(key, Visitor(site, key))
        found[name] = measure(program, visitor, visitor.find(place))
        print(f"{name:12}", "  ".join(f"{category} {score}" for category, score in found[name].items()), flush=True)
        RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    missed = [name for name, own in found.items() if any(own[category] < least for category, least in LEAST.items())]
    print(f"{len(found)} pages, under the mark: {', '.join(missed) or 'none'}. {RESULTS.relative_to(ROOT)} has them.")
    return len(missed)


if __name__ == "__main__":
    try:
        sys.exit(1 if main((sys.argv[1:] or [f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"])[0]) else 0)
    except (Stop, OSError) as problem:
        sys.exit(f"{problem}")
