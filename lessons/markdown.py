"""Markdown as lessons are written: rendered, then cleaned down to one short list of tags (MODEL §10)."""

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement

import nh3
from django.conf import settings
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from markdown import Extension, Markdown
from markdown.extensions.admonition import AdmonitionProcessor
from markdown.extensions.footnotes import FootnoteExtension
from markdown.postprocessors import RawHtmlPostprocessor
from markdown.treeprocessors import Treeprocessor

from lessons.glossary import explained

# Everything a lesson may become. What is not here is gone after cleaning, its words kept.
TAGS = {"h2", "h3", "h4", "p", "br", "hr", "ul", "ol", "li", "strong", "em", "a", "blockquote", "code", "pre", "img"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td", "sup", "abbr", "section", "aside", "div"}
ATTRIBUTES = {
    "a": {"href", "title", "rel"},
    "img": {"src", "alt", "loading"},
    "abbr": {"title"},
    "ol": {"start"},
    "sup": {"id"},
    "li": {"id"},
}
ATTRIBUTES |= {tag: {"id"} for tag in ("p", "ul", "blockquote", "table", "pre", "section", "aside")}
ATTRIBUTES["ol"] |= {"id"}
CLASSES = {"section": {"try"}, "aside": {"fact", "dilemma", "question"}, "p": {"over", "video"}, "div": {"footnote"}}
SCHEMES = {"http", "https", "mailto"}
BOXES = {"try": "section", "fact": "aside", "dilemma": "aside", "question": "aside"}
TRY_LEADS = ("Prøv det:", "Try it:")
PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\(\s*(?P<target>[^)\s]*)[^)]*\)")
IMAGE_PREFIX = "image:"
FOOTNOTE = re.compile(r"#?fn(ref\d*)?:[\w-]+")
PARAGRAPH = re.compile(r"p[1-9]\d{0,2}")

FindImage = Callable[[str], str | None]


def from_library(key: str) -> str | None:
    """The address of a library image at reading width, or None where there is no such key."""
    from lessons.pictures import address_of

    return address_of(key)


def render(text: str, language: str, find_image: FindImage = from_library, *, places: bool = False) -> SafeString:
    """Clean HTML. `language` gives boxes without a title theirs; images are found by key. No query without images.

    With `places` every piece of it has an anchor, `p1`, `p2`, …
    """
    if IMAGE_PREFIX in text:
        return _render(text, language, find_image, places=places)
    return _render_once(text, language, places=places)


@lru_cache(maxsize=512)
def _render_once(text: str, language: str, *, places: bool) -> SafeString:
    return _render(text, language, lambda _key: None, places=places)


def _render(text: str, language: str, find_image: FindImage, *, places: bool) -> SafeString:
    addresses: set[str] = set()
    with translation.override(language):
        ours = _LessonMarkdown(find_image, addresses, places=places)
        footnotes = FootnoteExtension(BACKLINK_TITLE=_("Back to the text"))
        html = Markdown(extensions=["tables", footnotes, "abbr", "sane_lists", ours]).convert(text)
    return mark_safe(explained(clean(html, addresses)))  # noqa: S308 — nh3 has been through it


def clean(html: str, images: set[str] | None = None) -> str:
    """Only the tags, attributes, classes and addresses above; images only from `images`."""
    library = images or set()

    def kept(tag: str, name: str, value: str) -> str | None:
        if name == "src":
            return value if value in library else None
        if name == "id" and PARAGRAPH.fullmatch(value):
            return value
        if name == "id" or (name == "href" and value.startswith("#")):
            return value if FOOTNOTE.fullmatch(value) else None
        if name == "href":
            return value if urlsplit(value).scheme in SCHEMES else None
        return value

    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes=SCHEMES,
        attribute_filter=kept,
        link_rel=None,
    )


def pictures_in(text: str) -> list[re.Match[str]]:
    """Every image a Markdown text names, with `alt` and `target`."""
    return list(PICTURE.finditer(text))


class _LessonMarkdown(Extension):
    """What our lessons add to Markdown, and what they leave out."""

    def __init__(self, find_image: FindImage, addresses: set[str], *, places: bool) -> None:
        super().__init__()
        self.find_image, self.addresses, self.places = find_image, addresses, places

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 — Python-Markdown's name
        md.parser.blockprocessors.register(_Boxes(md.parser), "admonition", 105)
        md.postprocessors.register(_NoHtml(md), "raw_html", 30)
        md.treeprocessors.register(_Shaping(md, self.find_image, self.addresses), "lesson", 5)
        if self.places:
            md.treeprocessors.register(_Places(md), "places", 4)


class _NoHtml(RawHtmlPostprocessor):
    """Raw HTML is taken out; its words stay."""

    def stash_to_string(self, text: str) -> str:
        return nh3.clean(str(text), tags=set())


class _Boxes(AdmonitionProcessor):
    """`!!! try`, `!!! fact`, `!!! dilemma`, `!!! question`: a box, with its own word for a title if none is given."""

    def get_class_and_title(self, match: re.Match[str]) -> tuple[str, str | None]:
        kind, title = match.group(1).lower(), match.group(2)
        return kind, box_titles().get(kind, "") if title is None else title


def box_titles() -> dict[str, str]:
    """What a box without a title is called, in the language that is active."""
    return {
        "try": _("Try it"),
        "fact": pgettext("box", "Good to know"),
        "dilemma": _("A dilemma"),
        "question": _("A question for you"),
    }


class _Shaping(Treeprocessor):
    """Boxes, heading levels, links and images, after Markdown is done."""

    def __init__(self, md: Markdown, find_image: FindImage, addresses: set[str]) -> None:
        super().__init__(md)
        self.find_image, self.addresses = find_image, addresses

    def run(self, root: Element) -> None:
        for index, element in enumerate(root):
            if _is_try(element):
                root[index] = _try_box(element)
        for element in root.iter():
            self.shape(element)

    def shape(self, element: Element) -> None:
        if element.tag in ("h1", "h5", "h6"):
            element.tag = "h2" if element.tag == "h1" else "h4"
        elif element.tag == "div" and "admonition" in element.get("class", ""):
            _shape_box(element)
        elif element.tag == "a" and _is_external(element.get("href", "")):
            element.set("rel", "nofollow noopener")
        elif element.tag == "img":
            self.shape_image(element)
        elif element.tag == "p" and _is_video(element):
            element.set("class", "video")

    def shape_image(self, image: Element) -> None:
        key = image.get("src", "").removeprefix(IMAGE_PREFIX)
        address = self.find_image(key) if image.get("src", "").startswith(IMAGE_PREFIX) else None
        if address is None or not image.get("alt"):
            # Nobody sees a broken picture: its words stand instead.
            image.tag, image.text = "em", image.get("alt", "")
            return
        self.addresses.add(address)
        image.set("src", address)
        image.set("loading", "lazy")


class _Places(Treeprocessor):
    """`p1`, `p2`, … on whatever is read in one piece, so that a reader can go on where they left (`reading.split_at`).

    Counted and not made of the words: the same place in Danish and in English.
    """

    def run(self, root: Element) -> None:
        pieces = (element for element in root if "id" in ATTRIBUTES.get(element.tag, ()))
        for number, element in enumerate(pieces, start=1):
            element.set("id", f"p{number}")


def _shape_box(box: Element) -> None:
    kind = next((kind for kind in BOXES if kind in box.get("class", "").split()), "fact")
    box.tag = BOXES[kind]
    box.set("class", kind)
    for paragraph in box.iter("p"):
        if paragraph.get("class") == "admonition-title":
            paragraph.set("class", "over")


def _is_try(element: Element) -> bool:
    """A paragraph that begins with a bold “Prøv det:”."""
    first = element[0] if element.tag == "p" and len(element) else None
    if first is None or first.tag != "strong" or (element.text or "").strip():
        return False
    return (first.text or "").strip() in TRY_LEADS


def _try_box(paragraph: Element) -> Element:
    box = Element("section", {"class": "try"})
    lead = paragraph[0]
    SubElement(box, "p", {"class": "over"}).text = (lead.text or "").strip().rstrip(":")
    paragraph.text = (lead.tail or "").lstrip()
    paragraph.remove(lead)
    box.append(paragraph)
    return box


def _is_external(address: str) -> bool:
    own = urlsplit(settings.SITE_URL).netloc
    return urlsplit(address).scheme in ("http", "https") and urlsplit(address).netloc != own


def _is_video(paragraph: Element) -> bool:
    """A paragraph that is one link whose words begin with “Video:”."""
    if len(paragraph) != 1 or paragraph[0].tag != "a" or (paragraph.text or "").strip():
        return False
    return (paragraph[0].text or "").startswith("Video:") and not (paragraph[0].tail or "").strip()
