"""Pairing, without a database."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from findings.alignment import align
from findings.identity import Checked, Mark, pair, pair_exactly, split_id
from findings.moves import pair_files

CHECKED = Checked(
    searched_paths={"a.py"},
    renamed_paths=set(),
    rule_ids={"r"},
    reported_paths={"a.py"},
    is_diff=False,
)
MARK = Mark(0, "r", "a.py", "base", "0", "code", "pattern", 1, 1, "sast")
LINES = st.lists(st.integers(1, 60), unique=True, max_size=6).map(sorted)


def test_an_id_is_split_from_its_number():
    assert split_id("abc_12") == ("abc", "12")
    assert split_id("abc") == ("abc", "")
    assert split_id("abc_x") == ("abc_x", "")
    assert split_id("") == ("", "")


@settings(derandomize=True, deadline=None)
@given(one=LINES, other=LINES)
def test_lines_move_as_little_as_possible(one, other):
    few, many = sorted((one, other), key=len)

    pairs = list(align(few, many))

    cost = sum(abs(few[a] - many[b]) for a, b in pairs)
    choices = itertools.combinations(many, len(few))
    assert cost == min(
        sum(abs(a - b) for a, b in zip(few, chosen, strict=True)) for chosen in choices
    )
    assert sorted(a for a, _ in pairs) == list(range(len(few)))
    assert len({b for _, b in pairs}) == len(few)


def test_very_many_equal_matches_are_paired_in_little_time():
    few, many = list(range(0, 40_000, 4)), list(range(0, 60_000, 3))

    pairs = list(align(few, many))

    assert len(pairs) == len({b for _, b in pairs}) == 10_000
    assert [b for _, b in pairs] == sorted(b for _, b in pairs)


MARKS = st.lists(
    st.builds(
        Mark,
        key=st.just(0),
        check_id=st.sampled_from(["r", "s", "x.r"]),
        path=st.sampled_from(["a.py", "b.py", "old.py"]),
        base_id=st.sampled_from(["", "m", "n"]),
        number=st.sampled_from(["0", "1"]),
        code_hash=st.sampled_from(["", "c", "d"]),
        pattern_hash=st.sampled_from(["", "p"]),
        line=st.integers(1, 30),
        column=st.just(1),
        product=st.sampled_from(["sast", "sca"]),
        is_live=st.booleans(),
    ),
    max_size=12,
).map(lambda marks: [mark._replace(key=key) for key, mark in enumerate(marks)])


@settings(derandomize=True, deadline=None)
@given(reported=MARKS, known=MARKS)
def test_nothing_is_paired_twice_and_products_and_code_stay_apart(reported, known):
    for pairs in (pair(reported, known, CHECKED), pair_exactly(reported, known)):
        assert len(set(pairs.values())) == len(pairs)
        for new, old in pairs.items():
            one, other = reported[new], known[old]
            assert one.path == other.path or one.code_hash == other.code_hash != ""
            assert one.check_id == other.check_id or one.product == other.product


@settings(derandomize=True, deadline=None)
@given(known=MARKS)
def test_what_is_as_it_was_is_found_whole(known):
    live = [mark._replace(is_live=True) for mark in known]

    assert len(pair(live, live, CHECKED)) == len(live)


def test_what_was_open_is_paired_before_what_was_closed():
    known = [MARK._replace(key=1, is_live=False), MARK._replace(key=2, line=9)]

    assert pair([MARK], known, CHECKED) == {0: 2}


def test_a_file_that_is_still_there_has_not_moved():
    known = [MARK._replace(key=1, path="b.py")]
    both_there = Checked(
        searched_paths={"a.py", "b.py"},
        renamed_paths=set(),
        rule_ids={"r"},
        reported_paths={"a.py"},
        is_diff=False,
    )

    assert pair([MARK], known, both_there) == {}
    assert pair([MARK], known, CHECKED) == {0: 1}


def test_a_rule_that_ran_was_not_renamed():
    renamed = MARK._replace(check_id="new")
    ran_both = Checked(
        searched_paths={"a.py"},
        renamed_paths=set(),
        rule_ids={"r", "new"},
        reported_paths={"a.py"},
        is_diff=False,
    )

    assert pair([renamed], [MARK._replace(key=5)], ran_both) == {}


def test_files_are_paired_by_what_they_share():
    gone = [("old/a.py", 1), ("old/a.py", 2), ("old/b.py", 1)]
    arrived = [("new/x.py", 1), ("new/y.py", 1), ("new/y.py", 2)]

    assert pair_files(gone, arrived) == {"old/a.py": "new/y.py", "old/b.py": "new/x.py"}
    assert pair_files([("a/u.py", 1), ("b/u.py", 1)], [("c/b/u.py", 1)]) == {"b/u.py": "c/b/u.py"}


def test_a_diff_scan_does_not_take_a_look_alike_for_a_finding_of_another_ref():
    put_above = MARK._replace(code_hash="another")

    assert pair_exactly([MARK], [MARK._replace(key=7)]) == {0: 7}
    assert pair_exactly([put_above], [MARK._replace(key=7)]) == {}
    assert pair_exactly([put_above], [MARK._replace(key=7, is_live=False)]) == {}


def test_a_diff_scan_meets_what_is_open_before_what_was_closed():
    known = [MARK._replace(key=1), MARK._replace(key=2, is_live=False)]

    assert pair_exactly([MARK], known) == {0: 1}
    assert pair_exactly([MARK], known[::-1]) == {0: 1}
