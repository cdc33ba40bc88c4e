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


# What is too small for a thumb or for tired eyes. A link in running text is as tall as its line (WCAG 2.5.8), one in
# the drawing has the list beside it, and a tick counts with its label.
TOO_SMALL = """() => {
  const isSeen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 1
    && getComputedStyle(one).clipPath === "none";
  const words = (one) => one.textContent.trim();
  const isInText = (one) => getComputedStyle(one).display === "inline" && words(one.parentElement) !== words(one);
  const isCovered = (one) => getComputedStyle(one, "::after").position === "absolute";
  const isTick = (one) => one.matches("[type=checkbox], [type=radio]");
  const size = (one) => (isTick(one) && one.closest("label") || one).getBoundingClientRect();
  const targets = [...document.querySelectorAll("a, button, summary, select, textarea, input:not([type=hidden])")]
    .filter((one) => !one.closest("svg") && isSeen(one) && !isInText(one) && !isCovered(one))
    .filter((one) => Math.min(size(one).width, size(one).height) < 43.5);
  const texts = [...document.body.querySelectorAll("*")]
    .filter((one) => parseFloat(getComputedStyle(one).fontSize) < 16)
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && isSeen(one));
  return [...targets, ...texts].map((one) => one.outerHTML.slice(0, 120));
}"""


def assert_big_enough(page):
    """No text under 16 px, and nothing to press that is under 44 px."""
    found = page.evaluate(TOO_SMALL)
    assert not found, f"{page.url}: " + "; ".join(found)
