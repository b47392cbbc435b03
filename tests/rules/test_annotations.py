"""What test code says of its lines, and what came of them."""

import pytest

from rules.annotations import (
    MAX_EXPECTATIONS,
    Kind,
    annotations_in,
    compare,
    is_green,
    most_telling,
    without_words,
)

CODE = """\
# ruleid: no-eval, other
eval(a)
# ok: no-eval
print(b)
# todoruleid: no-eval
later(c)
# todook: no-eval
eval(d)
eval(e)
"""


def told(expectations):
    return [(one.line, one.kind.value, one.is_met) for one in expectations]


def test_each_comment_speaks_of_the_line_below_it():
    came = compare(test_code=CODE, rule_id="no-eval", matches=[2, 8])

    assert told(came) == [
        (2, "ruleid", True),
        (4, "ok", True),
        (6, "todoruleid", False),
        (8, "todook", False),
    ]
    assert is_green(came)


@pytest.mark.parametrize(
    ("matches", "unmet"),
    [
        ([], [(2, "ruleid", False)]),
        ([2, 4], [(4, "ok", False)]),
        ([2, 9], [(9, "unmarked", False)]),
    ],
)
def test_what_comes_otherwise_than_expected_is_red(matches, unmet):
    came = compare(test_code=CODE, rule_id="no-eval", matches=matches)

    assert [one for one in told(came) if not one[2] and not one[1].startswith("todo")] == unmet
    assert not is_green(came)


def test_a_test_without_a_line_to_find_proves_nothing():
    came = compare(test_code="# ok: a\nprint()\n", rule_id="a", matches=[])

    assert told(came) == [(2, "ok", True)]
    assert not is_green(came)


def test_comments_below_each_other_speak_of_the_same_line():
    came = compare(test_code="# ruleid: a\n# ok: b\nf()\n", rule_id="b", matches=[3])

    assert told(came) == [(3, "ok", False)]


def test_the_last_part_of_an_id_is_enough():
    came = compare(test_code="# ruleid: no-eval\nf()\n", rule_id="acme.no-eval", matches=[2])

    assert told(came) == [(2, "ruleid", True)]


@pytest.mark.parametrize(
    "line",
    ["// ruleid: a", "/* ruleid: a */", "<!-- ruleid: a -->", "  -- ruleid:a", "(* ruleid : a *)"],
)
def test_comments_of_other_languages_are_read(line):
    assert [(one.kind, one.rule_id) for one in annotations_in(f"{line}\ncode")] == [
        (Kind.RULEID, "a")
    ]


@pytest.mark.parametrize(
    "line", ["x = 1  # ruleid: a", "# ok: this is fine", "book: a", "# ok:", "# ok: a, "]
)
def test_other_lines_say_nothing(line):
    assert list(annotations_in(f"{line}\ncode")) == []


def test_a_long_line_is_read_at_once():
    long = "# ok: " + "a" * 100 + " " * 90_000 + "!\n" + "-" * 90_000 + "\n# ok: " + "a." * 90_000

    assert list(annotations_in(long)) == []


def test_what_fails_below_a_thousand_lines_that_pass_is_not_lost():
    lines = MAX_EXPECTATIONS + 1
    came = compare(
        test_code="# ruleid: a\na()\n" * lines, rule_id="a", matches=range(2, 2 * lines, 2)
    )

    assert not is_green(came)
    kept = most_telling(came)
    assert (len(kept), kept[-1].line, kept[-1].is_met) == (MAX_EXPECTATIONS, 2 * lines, False)


def test_comments_without_their_words_keep_their_place():
    assert without_words(" <!-- ruleid: a -->\nb\n# todook: a\n# ok: all is well\n") == (
        " <!-- note -->\nb\n# note\n# ok: all is well\n"
    )
