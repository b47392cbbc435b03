"""Pages keep to the strict content security policy and leave deciding to Python."""

import re

import pytest

from tests.laws.tree import files, matches, read

TEMPLATES = [path for path in files(".html") if path.parts[0] == "templates"]
LONGEST_TEMPLATE = 150

FORBIDDEN = {
    "an inline style": r"<style\b|\sstyle\s*=",
    "an inline script": r"<script(?![^>]*\bsrc=)[^>]*>",
    "an event handler in an attribute": r"\son[a-z]+\s*=",
    "an address that is a script": r"(?i)javascript:",
    "an asset of another site": r"(src|href)\s*=\s*[\"'](https?:)?//",
    "a text declared safe": r"\|\s*safe\b|autoescape\s+off",
    "an hx-on handler, which needs eval": r"\bhx-on\b",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what):
    found = matches(re.compile(FORBIDDEN[what]), TEMPLATES)

    # A block of data is no program.
    assert [line for line in found if 'type="application/json"' not in line] == []


def test_no_template_is_longer_than_a_screen_or_two():
    lengths = {str(path): len(read(path).splitlines()) for path in TEMPLATES}

    assert {path: n for path, n in lengths.items() if n > LONGEST_TEMPLATE} == {}


def test_colors_stand_in_the_tokens_alone():
    sheets = [path for path in files(".css") if path.name != "tokens.css"]
    color = re.compile(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*;)|\brgba?\(|\bhsla?\(|\boklch\(")

    # Paper is white, and a backdrop stands outside the page that holds the tokens.
    strays = [line for line in matches(color, sheets) if "::backdrop" not in line]
    assert [line for line in strays if "#ffffff" not in line] == []
