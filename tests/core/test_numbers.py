"""Numbers of rows, read from text."""

import pytest

from core.numbers import id_of


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("7", 7), ("007", 7), ("9223372036854775807", 2**63 - 1), ("0" * 40 + "1", 1)],
)
def test_digits_name_a_row(text, number):
    assert id_of(text) == number


@pytest.mark.parametrize(
    "text",
    [
        *["", " 7", "7 ", "-7", "+7", "7.0", "7e3", "0x7", "1_000", "\u0667", "\u00b2", "7\0", "x"],
        *["9223372036854775808", "9" * 5000],
    ],
)
def test_other_texts_name_none(text):
    assert id_of(text) is None
