"""Code as colored lines with a match in it."""

import pytest

from console.code import Place, lines_around, without_match
from core.coloring import LONGEST_LINE_CHARACTERS

TEXT = "".join(f"value_{n} = 'text {n}'\n" for n in range(1, 41))


def place(start_line, start_column, end_line, end_column):
    return Place(
        start_line=start_line, start_column=start_column, end_line=end_line, end_column=end_column
    )


def show(text, where, path="a.py", roles=None):
    return lines_around(path=path, text=text, place=where, roles=roles or {})


def whole(line):
    return "".join(part.text for part in line.parts)


def matched(line):
    return "".join(part.text for part in line.parts if part.is_match)


def test_the_match_stands_between_lines_around_it():
    lines = show(TEXT, place(20, 1, 21, 9))

    assert [line.number for line in lines] == list(range(12, 30))
    assert [line.number for line in lines if line.is_match] == [20, 21]
    assert whole(lines[0]) == "value_12 = 'text 12'"


def test_the_match_ends_before_its_end_column():
    lines = show(TEXT, place(20, 3, 20, 6))

    assert matched(lines[8]) == "lue"
    assert whole(lines[8]) == "value_20 = 'text 20'"


def test_a_match_over_lines_covers_the_lines_between_whole():
    lines = show(TEXT, place(2, 9, 4, 8))

    assert [matched(line) for line in lines if line.is_match] == [
        " 'text 2'"[0:0] + "= 'text 2'"[0:], "value_3 = 'text 3'", "value_4",
    ]  # fmt: skip


def test_a_string_over_lines_keeps_its_color_in_a_window():
    text = "x = '''\n" + "inside\n" * 30 + "'''\n"

    lines = show(text, place(20, 1, 20, 7))

    assert {part.css for line in lines for part in line.parts} == {"s1"} or all(
        part.css.startswith("s") for line in lines for part in line.parts
    )


def test_roles_stand_at_their_lines():
    lines = show(TEXT, place(5, 1, 5, 2), roles={3: "source", 5: "sink", 39: "elsewhere"})

    assert {line.number: line.role for line in lines if line.role} == {3: "source", 5: "sink"}


def test_a_very_long_line_is_cut():
    lines = show("a" * 10_000 + "\nb\n", place(1, 1, 1, 5))

    assert len(whole(lines[0])) == LONGEST_LINE_CHARACTERS
    assert [line.is_cut for line in lines] == [True, False, False]


def test_a_file_that_is_too_short_has_no_lines():
    assert show("one\ntwo", place(9, 1, 9, 2)) == []


@pytest.mark.parametrize("path", ["Makefile.unknown", "noend", "x.\u2603"])
def test_an_unknown_language_is_plain_text(path):
    lines = show("if x:\n", place(1, 1, 1, 3), path=path)

    assert (whole(lines[0]), matched(lines[0])) == ("if x:", "if")


def test_a_huge_file_is_shown_without_colors():
    text = "x = 1  # padding padding padding padding\n" * 20_000

    lines = show(text, place(19_000, 1, 19_000, 2))

    assert lines[0].number == 18_992
    assert whole(lines[8]) == "x = 1  # padding padding padding padding"
    assert {part.css for line in lines for part in line.parts} == {""}


def test_a_lone_carriage_return_ends_no_line():
    # The scanner counts line feeds; a row of them would move the mark to harmless code.
    text = "a = 1\rb = 2\rc = 3\neval(x)\n"
    place = Place(start_line=2, start_column=1, end_line=2, end_column=8)

    lines = lines_around(path="a.py", text=text, place=place, roles={})

    (match,) = (line for line in lines if line.is_match)
    assert "".join(part.text for part in match.parts) == "eval(x)"


def test_columns_count_bytes_as_the_scanner_does():
    # Recorded of Semgrep 1.182: `eval(y)` behind three letters of two bytes each.
    lines = show('x = "äöü"; eval(y)\n', place(1, 15, 1, 22))

    assert matched(lines[0]) == "eval(y)"


def test_a_match_can_be_dotted_out_and_all_else_stays():
    lines = without_match(show("a = 1\nkey = 'ab c'\nb = 2", place(2, 8, 2, 12)))

    assert [whole(line) for line in lines] == ["a = 1", "key = '•• •'", "b = 2"]
    assert matched(lines[1]) == "•• •"
