"""The parts of a message in Slack, within Slack's limits; pure.

Text from outside stands in rich text or plain text alone, where nothing in it acts: no link, no
mention, no bold. What is not of ours and stands in mrkdwn all the same passes `escaped`.
https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Sequence
from typing import Any

from core.escaping import cut, may_link, visible
from core.redaction import redact

Block = dict[str, Any]
HEADER_LIMIT = 150
BUTTON_LIMIT = 75
VALUE_LIMIT = 2000
LINK_LIMIT = 3000
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def one_line(text: str, *, limit: int) -> str:
    """Return foreign text as one visible line without secrets, cut to the limit."""
    return cut(" ".join(visible(redact(text)).split()), limit)


def escaped(text: str, *, limit: int = 300) -> str:
    """Return foreign text for mrkdwn: https://docs.slack.dev/messaging/formatting-message-text."""
    return one_line(text, limit=limit).translate(_ESCAPES)


def words(text: str, *, limit: int = 500, style: str = "") -> Block:
    """Return text that only reads; `style`: bold, italic or code."""
    element: Block = {"type": "text", "text": one_line(text, limit=limit)}
    return {**element, "style": {style: True}} if style else element


def space(text: str = "  ·  ") -> Block:
    """Return our own text between others, blanks and line ends kept."""
    return {"type": "text", "text": text}


def linked(url: str, text: str, *, limit: int = 200) -> Block:
    """Return a link, or its words alone where the address leads nowhere safe."""
    shown = one_line(text, limit=limit)
    if not shown or not may_link(url) or len(url) > LINK_LIMIT:
        return words(text, limit=limit)
    return {"type": "link", "url": url, "text": shown}


def paragraph(*elements: Block) -> Block:
    """Return a block of rich text; empty texts, which Slack refuses, are left out."""
    return {"type": "rich_text", "elements": [_section("rich_text_section", elements)]}


def quotation(*elements: Block) -> Block:
    """Return a block of rich text as a quotation."""
    return {"type": "rich_text", "elements": [_section("rich_text_quote", elements)]}


def header(text: str) -> Block:
    """Return a headline."""
    return {"type": "header", "text": _plain(text, HEADER_LIMIT)}


def small(text: str) -> Block:
    """Return a line in small letters."""
    return {"type": "context", "elements": [_plain(text, 300)]}


def buttons(*elements: Block) -> Block:
    """Return a row of buttons."""
    return {"type": "actions", "elements": list(elements)}


def button(text: str, *, action: str, value: str, style: str = "") -> Block:
    """Return a button that tells us of being pressed; `style`: primary or danger."""
    element: Block = {
        "type": "button",
        "text": _plain(text, BUTTON_LIMIT),
        "action_id": action,
        "value": value[:VALUE_LIMIT],
    }
    return {**element, "style": style} if style else element


def link_button(text: str, *, action: str, url: str) -> Block:
    """Return a button that opens a page of ours."""
    return {
        "type": "button",
        "text": _plain(text, BUTTON_LIMIT),
        "action_id": action,
        "url": url[:LINK_LIMIT],
    }


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": one_line(text, limit=limit) or "-", "emoji": False}


def _section(kind: str, elements: Sequence[Block]) -> Block:
    kept = [one for one in elements if one.get("text") != ""]
    return {"type": kind, "elements": kept or [{"type": "text", "text": "-"}]}
