"""What axe finds on a page, in both colour schemes."""

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}


def violations(page):
    """One line each: the rule, what it says, and the first place."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [f"{each['id']}: {each['help']} at {each['nodes'][0]['html'][:200]}" for each in found]


def assert_no_axe_violations(page, schemes=("light", "dark")):
    """Colour contrast included, in the light and in the dark."""
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        found = violations(page)
        assert not found, f"{page.url} ({scheme}): " + "; ".join(found)


def assert_fits(page):
    """No page scrolls sideways."""
    width, inner = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= inner, f"{page.url} is {width} px wide in a window of {inner}"
