"""A comment's body as the code host shows it, as HTML that is safe on our pages."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import nh3
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.coloring import COLORS, color_block

_READER = MarkdownIt("commonmark", {"html": True, "linkify": False}).disable("image")
_READER.enable(["strikethrough", "table"])
_SIGNS = {"+": "diff-added", "-": "diff-removed"}
_TAGS = {
    "p", "br", "em", "strong", "s", "sub", "code", "pre", "ul", "ol", "li", "a", "blockquote",
    "hr", "span", "details", "summary", "figure", "figcaption", "table", "thead", "tbody", "tr",
    "th", "td",
}  # fmt: skip
_CLASSES = {"span": {*COLORS, "diff-line", *_SIGNS.values()}, "figure": {"suggested"}}


def comment_html(body: str) -> str:
    """Return Markdown of a comment as HTML: folds and suggestions too, and nothing that acts."""
    return nh3.clean(
        _READER.render(body),
        tags=_TAGS,
        attributes={"a": {"href"}},
        allowed_classes=_CLASSES,
        # What scrolls must be within reach of the keyboard.
        set_tag_attribute_values={"pre": {"tabindex": "0"}},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
    )


def _fence(
    _renderer: object,
    tokens: Sequence[Token],
    index: int,
    _options: object,
    _environment: Mapping[str, Any],
) -> str:
    """Return a block of code; one that the code host would apply, or a difference, by its lines."""
    token = tokens[index]
    word = token.info.split(":")[0].strip()
    lines = token.content.rstrip("\n").split("\n")
    if word == "suggestion":
        block = _signed([("+", line) for line in lines])
        caption = "Suggested change: these lines take the place of the commented ones"
        return format_html(
            '<figure class="suggested"><figcaption>{}</figcaption>{}</figure>', caption, block
        )
    if word == "diff":
        return _signed([(line[:1] or " ", line[1:]) for line in lines])
    return f"<pre><code>{color_block(token.content, word)}</code></pre>"


def _signed(lines: Sequence[tuple[str, str]]) -> SafeString:
    return format_html("<pre><code>{}</code></pre>", format_html_join("", "{}", _spans(lines)))


def _spans(lines: Sequence[tuple[str, str]]) -> Iterator[tuple[SafeString]]:
    for sign, text in lines:
        css = _SIGNS.get(sign, "")
        yield (format_html('<span class="diff-line {}">{} {}\n</span>', css, sign, text),)


_READER.add_render_rule("fence", _fence)
