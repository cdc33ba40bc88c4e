"""What a phone has to fetch before the first page stands."""

import re
from pathlib import Path
from runpy import run_path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DESIGN_SYSTEM = ROOT / "node_modules" / "dkfds" / "dist" / "css" / "dkfds.min.css"
VENDOR = ROOT / "static" / "vendor"
OUR_SHEETS = ["tokens.css", "app.css"]
BUDGET = 150_000

cutting = run_path(str(ROOT / "script" / "assets"), run_name="assets")


def cut(sheet):
    return "".join(cutting["kept_rules"](sheet))


@pytest.mark.parametrize(
    ("sheet", "kept"),
    [
        ("p{margin:0}.accordion{x:y}", "p{margin:0}"),
        (".button,.card .button{x:y}", ".button{x:y}"),
        ("@media (min-width:1px){.card{x:y}.form-label{x:y}}", "@media (min-width:1px){.form-label{x:y}}"),
        ("@media print{.card{x:y}}", ""),
        ("@keyframes spin{from{x:y}to{x:z}}a{x:y}", "a{x:y}"),
        (".button:not(.a,.form-b){x:y}.button:not(:hover,:focus){x:y}", ".button:not(:hover,:focus){x:y}"),
    ],
)
def test_only_rules_for_elements_and_for_our_families_are_kept(sheet, kept):
    assert cut(sheet) == kept


def test_a_font_that_comes_late_moves_no_line_of_the_page_one_reads():
    assert "font-display:optional" in cutting["FONT_FACE"].format(weight=400, file="one.woff2")


def classes(sheet):
    heads = re.sub(r"\{[^{}]*\}", "{}", re.sub(r"@font-face\{[^}]*\}", "", sheet))
    return set(re.findall(r"\.([A-Za-z][\w-]*)", heads))


def test_every_class_of_the_design_system_that_a_template_uses_is_kept():
    whole = DESIGN_SYSTEM.read_text()
    pages = [file.read_text() for file in (ROOT / "templates").rglob("*.html")]
    used = {
        word
        for page in pages
        for words in re.findall(r'class="([^"]*)"', page)
        for word in re.findall(r"[\w-]+", words)
    }
    ours = {name for sheet in (ROOT / "static" / "css").glob("*.css") for name in classes(sheet.read_text())}

    assert (used & classes(whole)) - classes(cut(whole)) - ours == set()


def test_the_frame_of_every_page_is_within_its_budget_even_uncompressed():
    files = [file for file in VENDOR.rglob("*") if file.suffix in {".css", ".woff2"}]
    files += [ROOT / "static" / "css" / name for name in OUR_SHEETS]

    assert {file.suffix for file in files} == {".css", ".woff2"}
    assert sum(len(file.read_bytes().rstrip()) for file in files) < BUDGET * 0.6


def test_nothing_is_fetched_from_elsewhere():
    pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "css").glob("*.css")]
    elsewhere = [
        file.name for file in pages if re.search(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""", file.read_text())
    ]

    assert elsewhere == []
