"""What Slack refuses in blocks: by the vendor's own models, and by what these do not look at."""

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

MOST_BLOCKS = 50
KNOWN = {"actions", "context", "divider", "header", "input", "rich_text", "section"}


class InvalidBlocksError(Exception):
    """The blocks are refused; the message says why, for whoever reads a failed test."""


def check_blocks(blocks):
    """Raise InvalidBlocksError for what Slack would answer `invalid_blocks` to."""
    if not isinstance(blocks, list) or not blocks or len(blocks) > MOST_BLOCKS:
        raise InvalidBlocksError(f"{len(blocks or [])} blocks")
    for block in blocks:
        if block.get("type") not in KNOWN:
            raise InvalidBlocksError(f"unknown block {block.get('type')}")
        _check_one(block)
    try:
        for one in Block.parse_all(blocks):
            one.validate_json()
    except SlackObjectFormationError as error:
        raise InvalidBlocksError(str(error)) from error


def check_view(view):
    """Raise InvalidBlocksError for a modal that Slack would refuse."""
    check_blocks(view["blocks"])
    for name in ("title", "submit", "close"):
        _check_text(view[name], 24)
    if len(view.get("private_metadata", "")) > 3000:
        raise InvalidBlocksError("private_metadata is too long")
    names = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    if len(names) != len(set(names)):
        raise InvalidBlocksError("two inputs of one block_id")
    try:
        View(**view).validate_json()
    except SlackObjectFormationError as error:
        raise InvalidBlocksError(str(error)) from error


def _check_one(block):
    _CHECKS.get(block["type"], lambda _block: None)(block)


def _check_context(block):
    _require(1 <= len(block["elements"]) <= 10, "context elements")
    for one in block["elements"]:
        _check_text(one, 2000)


def _check_rich_block(block):
    _require(block["elements"], "empty rich text")
    for section in block["elements"]:
        _check_rich(section)


def _check_input_block(block):
    _check_text(block["label"], 2000)
    _check_input(block["element"])


def _check_actions(elements):
    _require(1 <= len(elements) <= 25, "an actions block without or with too many elements")
    for one in elements:
        _require(one["type"] == "button", "not a button")
        _check_text(one["text"], 75)
        _require(len(one.get("value", "")) <= 2000, "a value that is too long")
        _require(len(one.get("url", "")) <= 3000, "an address that is too long")
    names = [one["action_id"] for one in elements]
    _require(len(names) == len(set(names)), "two elements of one action_id")


def _check_rich(section):
    _require(section["type"] in {"rich_text_section", "rich_text_quote"}, section["type"])
    _require(section["elements"], "an empty section")
    for one in section["elements"]:
        if one["type"] == "link":
            _require(one["url"].startswith(("http://", "https://")), "a link to elsewhere")
        else:
            _require(one["type"] == "text", one["type"])
        _require(one["text"] != "", "an empty text")


def _check_input(element):
    options = element.get("options")
    if options is None:
        return
    most = 10 if element["type"] == "checkboxes" else 100
    _require(1 <= len(options) <= most, "options")
    for one in options:
        _check_text(one["text"], 75)
        _require(len(one["value"]) <= 150, "an option's value is too long")
    chosen = element.get("initial_options") or [element.get("initial_option")]
    _require(all(one in options for one in chosen if one), "initial option is none of the options")


def _check_text(text, limit):
    _require(1 <= len(text["text"]) <= limit, f"{len(text['text'])} characters of {limit}")


def _require(is_met, what):
    if not is_met:
        raise InvalidBlocksError(str(what))


_CHECKS = {
    "header": lambda block: _check_text(block["text"], 150),
    "section": lambda block: _check_text(block["text"], 3000),
    "context": _check_context,
    "actions": lambda block: _check_actions(block["elements"]),
    "rich_text": _check_rich_block,
    "input": _check_input_block,
}
