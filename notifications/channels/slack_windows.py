"""Windows in Slack that people fill in, as Block Kit views; pure.

https://docs.slack.dev/reference/views/modal-views
"""

import json
from collections.abc import Mapping, Sequence

from findings.models import Product
from notifications.channels.slack_blocks import Block, one_line
from rules.models import Mode

SUBSCRIBE = "subscribe"
DISAGREE = "disagree"
NOTE = "note"
SCOPE = "scope"
TELLS = "tells"
PRODUCTS = "products"
MODES = "modes"
EVERYTHING = "all"
NOTE_LIMIT = 2000
MOST_OPTIONS = 100
OPTION_LIMIT = 75
TITLE_LIMIT = 24
TELLS_CHOICES = (
    ("tells_scans", "New findings of a scan"),
    ("tells_verdicts", "Findings that may be safe to ignore"),
    ("tells_failed_scans", "Scans that failed"),
)
PRODUCT_CHOICES = tuple((one.value, str(one.label)) for one in Product)
MODE_CHOICES = tuple(
    (one.value, str(one.label)) for one in (Mode.MONITOR, Mode.COMMENT, Mode.BLOCK)
)
_AT_FIRST = ("tells_scans", "tells_verdicts")


def subscribe_window(
    *, channel: str, memo: Mapping[str, str], scopes: Sequence[tuple[str, str]], more: bool
) -> Block:
    """Return the window that asks what a channel shall hear of; `scopes`: (value, words)."""
    options = [_option(value, said) for value, said in scopes[:MOST_OPTIONS]]
    hint = (
        "There are more projects than fit here; name one after the command instead."
        if more or len(scopes) > MOST_OPTIONS
        else "All projects, those of a tag, or one."
    )
    select = {
        "type": "static_select",
        "action_id": SCOPE,
        "options": options,
        "initial_option": options[0],
    }
    return _window(
        SUBSCRIBE,
        title="Subscribe",
        submit="Subscribe",
        memo=memo,
        blocks=[
            {
                "type": "section",
                "text": _plain(f"#{channel} will hear of new findings in change requests.", 300),
            },
            _input(SCOPE, "Projects", select, hint=hint),
            _input(TELLS, "Tell of", _boxes(TELLS, TELLS_CHOICES, _AT_FIRST)),
            _input(PRODUCTS, "Products", _boxes(PRODUCTS, PRODUCT_CHOICES)),
            _input(MODES, "Findings of rules that", _boxes(MODES, MODE_CHOICES)),
        ],
    )


def disagree_window(*, title: str, memo: Mapping[str, str]) -> Block:
    """Return the window that asks why a verdict is wrong."""
    entry = {
        "type": "plain_text_input",
        "action_id": NOTE,
        "multiline": True,
        "max_length": NOTE_LIMIT,
    }
    return _window(
        DISAGREE,
        title="Disagree",
        submit="Send",
        memo=memo,
        blocks=[
            {"type": "section", "text": _plain(title, 300)},
            _input(
                NOTE,
                "Why is it not safe to ignore?",
                entry,
                hint="Suggested as a memory for this rule in this project. The finding stays open.",
                is_optional=True,
            ),
        ],
    )


def _window(
    name: str, *, title: str, submit: str, memo: Mapping[str, str], blocks: Sequence[Block]
) -> Block:
    return {
        "type": "modal",
        "callback_id": name,
        "private_metadata": json.dumps(dict(memo)),
        "title": _plain(title, TITLE_LIMIT),
        "submit": _plain(submit, TITLE_LIMIT),
        "close": _plain("Cancel", TITLE_LIMIT),
        "blocks": list(blocks),
    }


def _input(
    name: str, label: str, element: Block, *, hint: str = "", is_optional: bool = False
) -> Block:
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": _plain(label, 200),
        "element": element,
        "optional": is_optional,
    }
    return {**block, "hint": _plain(hint, 200)} if hint else block


def _boxes(
    name: str, choices: Sequence[tuple[str, str]], chosen: Sequence[str] | None = None
) -> Block:
    """Return check boxes; None: all of them are ticked at first."""
    options = [_option(value, said) for value, said in choices]
    ticked = [one for one in options if chosen is None or one["value"] in chosen]
    return {
        "type": "checkboxes",
        "action_id": name,
        "options": options,
        "initial_options": ticked,
    }


def _option(value: str, said: str) -> Block:
    return {"text": _plain(said, OPTION_LIMIT), "value": value}


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": one_line(text, limit=limit) or "-", "emoji": False}
