"""The hidden mark by which we know our own comments."""

import re

import pytest

from integrations.markers import key_in, marker


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "  \n\n"])
def test_the_mark_that_ends_a_comment_is_known_again(ending):
    assert key_in(f"Found it.\r\n\r\n{marker('finding-12')}{ending}") == "finding-12"
    assert key_in(f"{marker('finding-12')}{ending}") == "finding-12"


def test_of_two_marks_the_one_that_ends_the_comment_counts():
    body = f"They wrote:\n{marker('finding-1')}\n\n{marker('finding-12')}"

    assert key_in(body) == "finding-12"


@pytest.mark.parametrize(
    "body",
    [
        "Found it.",
        "",
        f"{marker('finding-1')}\nand more text",
        f"> {marker('finding-1')}",
        f"They wrote {marker('finding-1')}",
        "<!-- assay:Finding -->",
        "<!-- assay: finding-1 -->",
    ],
)
def test_what_does_not_stand_alone_at_the_end_is_no_mark(body):
    assert key_in(body) == ""


@pytest.mark.parametrize("key", ["", "a b", "-a", "a" * 81, "a-->"])
def test_a_key_that_would_break_the_mark_is_refused(key):
    with pytest.raises(ValueError, match=f"^{re.escape(key)}$"):
        marker(key)
