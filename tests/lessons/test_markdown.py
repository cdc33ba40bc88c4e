import re
from html.parser import HTMLParser

import pytest

from lessons.markdown import ATTRIBUTES, BOXES, TAGS, clean, render


def html(text, language="da", **kwargs):
    return re.sub(r"\s*\n\s*", "", render(text, language, **kwargs))


# Ways in that the OWASP cheat sheets list, in our own words: each must come out as harmless text, or not at all.
ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<IMG SRC=JaVaScRiPt:alert(1)>",
    '<img """><script>alert(1)</script>">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<object data=javascript:alert(1)></object>",
    "<embed src=//evil.example/x.swf>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=javascript:alert(1)//>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>body{background:url(javascript:alert(1))}</style>",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='&#106;&#97;vascript:alert(1)'>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](//evil.example/)",
    '[x](https://ok.example/ "onmouseover=alert(1)")',
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "![x](https://evil.example/pixel.gif)",
    "<javascript:alert(1)>",
    '<https://ok.example/"onclick=alert(1)>',
    "[x]: javascript:alert(1)\n\n[x]",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    '!!! fact "<script>alert(1)</script>"\n    x',
    '*[x]: "><script>alert(1)</script>\n\nx',
    "x[^1]\n\n[^1]: <script>alert(1)</script>",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "# <img src=x onerror=alert(1)>",
]


class Seen(HTMLParser):
    """Every tag and attribute as a browser would see them."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


# What a glossary term is made of, after cleaning (lessons/glossary.py).
EXPLAINED = {"button": {"type", "popovertarget"}, "span": {"popover", "id", "role"}}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("surrounded", ["{}", "Før {} efter", "> {}", "- {}"])
def test_nothing_that_runs_gets_through(attack, surrounded):
    for tag, attributes in Seen(render(surrounded.format(attack), "da")).tags:
        assert tag in TAGS | EXPLAINED.keys()
        assert attributes.keys() <= EXPLAINED.get(tag, ATTRIBUTES.get(tag, set())) | {"class"}
        assert tag != "img"
        assert attributes.get("href", "#fn").startswith(("https://ok.example/", "#fn")), attributes


def test_the_cleaner_alone_takes_out_what_the_renderer_might_miss():
    assert clean('<p onclick="x" style="y" class="over evil">a</p><video src="x"></video>') == '<p class="over">a</p>'
    assert clean('<a href="https://a.example/" target="_blank">a</a>') == '<a href="https://a.example/">a</a>'


def test_raw_html_is_taken_out_and_its_words_stay():
    assert html("Hej <b>alle</b> <span class='x'>her</span>") == "<p>Hej alle her</p>"


def test_headings_stay_between_two_and_four():
    assert html("# A\n\n## B\n\n### C\n\n#### D\n\n##### E") == "<h2>A</h2><h2>B</h2><h3>C</h3><h4>D</h4><h4>E</h4>"


def test_links_out_of_the_house_are_not_followed():
    assert html("[a](https://a.example/) [b](http://127.0.0.1:8000/x) <c@d.example>").count("nofollow") == 1


def test_a_paragraph_that_begins_with_try_becomes_the_box():
    assert html("**Prøv det:** Skriv *tre* linjer.") == (
        '<section class="try"><p class="over">Prøv det</p><p>Skriv <em>tre</em> linjer.</p></section>'
    )
    assert html("**Try it:** Write.", "en").startswith('<section class="try"><p class="over">Try it</p>')
    assert html("**Husk:** Skriv.") == "<p><strong>Husk:</strong> Skriv.</p>"


@pytest.mark.parametrize(("kind", "tag"), BOXES.items())
def test_each_box_has_its_kind_and_its_own_title(kind, tag):
    assert html(f'!!! {kind} "Min titel"\n    Tekst.') == (
        f'<{tag} class="{kind}"><p class="over">Min titel</p><p>Tekst.</p></{tag}>'
    )


def test_a_box_without_a_title_is_titled_in_the_languages_own_words():
    assert '<p class="over">A dilemma</p>' in html("!!! dilemma\n    Tekst.", "en")
    assert '<p class="over">Et dilemma</p>' in html("!!! dilemma\n    Tekst.", "da")


def test_glossary_terms_tables_and_footnotes():
    assert ">MED</button>" in html("MED her.\n\n*[MED]: Medindflydelse")
    assert "<th>a</th>" in html("| a |\n|---|\n| 1 |")
    assert '<sup id="fnref:1"><a href="#fn:1">1</a></sup>' in html("x[^1]\n\n[^1]: Note.")


def test_a_picture_of_the_library_is_shown_with_its_words():
    shown = html("![En tavle](image:tavle)", find_image=lambda key: f"/media/images/{key}.png")
    assert shown == '<p><img alt="En tavle" loading="lazy" src="/media/images/tavle.png"></p>'


def test_a_picture_nobody_has_leaves_its_words():
    assert html("![En tavle](image:tavle)", find_image=lambda _key: None) == "<p><em>En tavle</em></p>"


def test_a_link_to_a_film_is_marked():
    assert html("[Video: Goddag (4 min)](https://film.example/1)").startswith('<p class="video"><a href=')
