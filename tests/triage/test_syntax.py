"""Places in source text: the scanner counts columns in bytes."""

import pytest

from triage.syntax import Source


@pytest.mark.parametrize(
    ("text", "start", "end", "found"),
    [
        # Recorded of Semgrep 1.182.
        ('x = "äöü"; eval(y)\n', (1, 15), (1, 22), "eval(y)"),
        ('s = "日本"; eval(z); t = "é"\n', (1, 15), (1, 22), "eval(z)"),
        ("eval(y)\n", (1, 1), (1, 8), "eval(y)"),
    ],
)
def test_a_place_is_found_behind_letters_of_several_bytes(text, start, end, found):
    source = Source(path="a.py", text=text)

    assert source.text_of(source.node_at(start=start, end=end)) == found


def test_a_place_beyond_its_line_is_the_end_of_the_line():
    source = Source(path="a.py", text="first()\nsecond()\n")

    node = source.node_at(start=(1, 90), end=(1, 99))

    assert source.text_of(node) in {"first()", "first()\nsecond()\n"}


def test_the_function_around_a_line_is_found_behind_letters_of_several_bytes():
    source = Source(path="a.py", text='def greet():\n    return "für", eval(x)\n')

    assert source.text_of(source.function_around(2)).startswith("def greet")
