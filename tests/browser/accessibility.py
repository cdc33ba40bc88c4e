"""What axe finds on a page, in both colour schemes."""

from axe_playwright_python.base import AXE_SCRIPT

ABOUT_COLOURS = ["color-contrast"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}


def violations(page, rules=None):
    """One line each: the rule, what it says, and the first place. Axe stays in the page for the next question."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = OPTIONS if rules is None else {**OPTIONS, "runOnly": {"type": "rule", "values": rules}}
    found = page.evaluate("options => axe.run(document, options).then(said => said.violations)", options)
    return [f"{each['id']}: {each['help']} at {each['nodes'][0]['html'][:200]}" for each in found]


def assert_no_axe_violations(page, scheme="light", rules=None):
    """By all rules, colour contrast included, or by those named."""
    page.emulate_media(color_scheme=scheme)
    found = violations(page, rules)
    assert not found, f"{page.url} ({scheme}): " + "; ".join(found)


def assert_fits(page):
    """No page scrolls sideways."""
    width, inner = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= inner, f"{page.url} is {width} px wide in a window of {inner}"
