"""Candidates in ten languages, good ones and each kind of bad one, with the real scanner."""

from collections import Counter

import pytest

from remediation.candidates import Candidate
from remediation.proof import prove_all
from remediation.reasons import Reason
from remediation.steps import CHECK_OF_REASON, NAMES
from tests.remediation.candidates_table import CASES, patched

pytestmark = pytest.mark.semgrep


def name_of(table, case):
    return f"{table.language}: {case.rule_id}: {case.reason}: {case.name}"


@pytest.fixture(scope="module")
def proofs():
    candidates = [
        Candidate(
            key=name_of(table, case),
            path=table.path,
            original=table.text,
            patched=patched(table, case),
            rules=table.rules,
            rule_id=case.rule_id,
        )
        for table, case in CASES
    ]
    return {proof.key: proof for proof in prove_all(candidates)}


@pytest.mark.parametrize(("table", "case"), CASES, ids=[name_of(*pair) for pair in CASES])
def test_a_candidate_gets_exactly_its_verdict(proofs, table, case):
    proof = proofs[name_of(table, case)]

    assert (proof.reason.value, proof.is_proven) == (case.reason, case.reason == "ok"), proof.detail


def test_a_proven_fix_has_passed_every_check(proofs):
    proven = [proof for proof in proofs.values() if proof.is_proven]

    assert len(proven) > 40
    for proof in proven:
        assert [(check.name, check.ok) for check in proof.checks] == [(n, True) for n in NAMES]


def test_a_refused_fix_says_which_check_said_no(proofs):
    for proof in proofs.values():
        failed = [check.name for check in proof.checks if check.ok is False]
        expected = CHECK_OF_REASON.get(proof.reason)
        assert failed == ([expected] if expected else []), proof.key


def test_the_table_holds_each_reason_and_ten_languages():
    assert len({table.language for table, _case in CASES}) == 10
    reasons = Counter(case.reason for _table, case in CASES)
    elsewhere = {Reason.DOES_NOT_APPLY, Reason.TOUCHES_OTHER_FILE}
    assert set(reasons) == {reason.value for reason in Reason} - {r.value for r in elsewhere}
    assert reasons["ok"] >= 45
