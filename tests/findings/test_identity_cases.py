"""The recorded identity cases: one upload after another on one branch."""

import pytest

from findings.models import Finding, State
from tests.findings.uploads import identity_case, on_ref, scan_of

# The base has md5 at the lines 6 and 10 (A, B) and an SQL injection at line 16 (C).
EXPECTED = {
    "base": {6: "A", 10: "B", 16: "C"},
    "indent_only": {7: "A", 11: "B", 17: "C"},
    "lines_added_above": {9: "A", 13: "B", 19: "C"},
    "metavar_renamed": {6: "new", 10: "new", 16: "new"},
    "nosem_on_first": {6: "A", 10: "B", 16: "C"},
    "file_renamed": {6: "A", 10: "B", 16: "C"},
    "first_dup_removed": {10: "B", 16: "C"},
    "rule_id_changed": {6: "A", 10: "B", 16: "C"},
    "rule_msg_sev_meta_fix_changed": {6: "A", 10: "B", 16: "C"},
    "rule_pattern_changed": {6: "A", 10: "B", 16: "C"},
    "same_line_outside_match": {6: "A", 10: "B", 16: "C"},
    "third_dup_inserted_first": {6: "A", 10: "B", 14: "new", 20: "C"},
    "ws_in_match": {6: "A", 10: "B", 16: "C"},
}


@pytest.mark.parametrize(("case", "expected"), EXPECTED.items(), ids=EXPECTED)
def test_a_second_full_scan_finds_what_it_knows(acme, case, expected):
    scan_of(identity_case("base"))
    names = {finding_id: name for (_, finding_id, _), name in zip(on_ref(), "ABC", strict=True)}

    scan_of(identity_case(case))

    live = [row for row in on_ref() if row[2] in (State.UNRESOLVED, State.MUTED)]
    assert {line: names.get(finding_id, "new") for line, finding_id, _ in live} == expected
    gone = set(names.values()) - set(expected.values())
    assert {names[finding_id] for _, finding_id, state in on_ref() if state == State.FIXED} == gone


def test_a_duplicate_inserted_above_in_a_change_request_is_a_finding_of_its_own(acme):
    scan_of(identity_case("base"))

    scan_of(identity_case("pr_dup_inserted_first"), branch="refs/pull/7/merge", full=False)

    assert Finding.objects.count() == 4
    assert [row[2] for row in on_ref()] == [State.UNRESOLVED] * 3
    assert [line for line, _, _ in on_ref("refs/pull/7/merge")] == [14]


def test_a_match_muted_in_the_code_is_the_same_finding_muted(acme):
    scan_of(identity_case("base"))
    first = Finding.objects.get(start_line=6)

    scan_of(identity_case("nosem_on_first"))

    first.refresh_from_db()
    assert (first.state, first.status) == ("muted", "ignored")
    assert Finding.objects.count() == 3


def test_an_edited_rule_gives_its_new_words_to_its_findings(acme):
    scan_of(identity_case("base"))
    before = Finding.objects.get(start_line=6)

    scan_of(identity_case("rule_msg_sev_meta_fix_changed"))

    after = Finding.objects.get(id=before.id)
    report = identity_case("rule_msg_sev_meta_fix_changed")
    (words,) = [one for one in report["findings"] if one["line"] == 6]
    assert (after.message, after.severity) == (words["message"], words["severity"])
    assert after.message != before.message
