"""Bad input to the proof: each is a refusal with a reason, and the next one is proven."""

import pytest

from remediation.candidates import Candidate
from remediation.proof import prove_all
from remediation.reasons import Reason
from tests.remediation.candidates_table import rule

pytestmark = pytest.mark.semgrep

TEXT = "def first(text):\n    return eval(text)\n\n\ndef second(text):\n    return eval(text)\n"
FIXED = TEXT.replace("eval", "int", 1)
EVAL = rule("eval", "python", "eval(...)")


def a_candidate(key="one", **changes):
    values = {
        "key": key, "path": "app/a.py", "original": TEXT, "patched": FIXED, "rules": [EVAL],
        "rule_id": "eval",
    }  # fmt: skip
    return Candidate(**{**values, **changes})


def reason_of(candidate):
    (proof,) = prove_all([candidate])
    return proof.reason


def test_the_finding_on_its_own_lines_must_go():
    assert reason_of(a_candidate(start_line=2, end_line=2)) is Reason.OK
    assert reason_of(a_candidate(start_line=6, end_line=6)) is Reason.STILL_FIRES
    assert reason_of(a_candidate(start_line=4, end_line=4)) is Reason.CHECK_FAILED


@pytest.mark.parametrize("paths", [{"include": ["web/**"]}, {"exclude": ["app"]}])
def test_a_rules_own_paths_do_not_hide_it(paths):
    moved = TEXT.replace("eval(text)", "eval(text + text)", 1)

    assert reason_of(a_candidate(rules=[{**EVAL, "paths": paths}])) is Reason.OK
    assert (
        reason_of(a_candidate(rules=[{**EVAL, "paths": paths}], patched=moved))
        is Reason.STILL_FIRES
    )


def test_an_id_with_the_rule_files_folder_in_front_is_the_same_rule():
    assert reason_of(a_candidate(rule_id="rules.python.eval")) is Reason.OK
    assert reason_of(a_candidate(rule_id="other")) is Reason.CHECK_FAILED


@pytest.mark.parametrize(
    "bad",
    [
        {"id": "eval", "languages": ["klingon"], "severity": "HIGH", "message": "", "pattern": "x"},
        {
            "id": "eval",
            "languages": ["python"],
            "severity": "HIGH",
            "message": "",
            "pattern": "(((",
        },
        {"id": "eval", "languages": "python"},
        {"id": "eval"},
        {},
    ],
)
def test_a_bad_rule_refuses_its_own_candidate_alone(bad):
    proofs = prove_all(
        [
            a_candidate("good 1"),
            a_candidate("bad", rules=[EVAL | bad] if bad.get("languages") else [bad]),
            a_candidate("good 2"),
        ]
    )

    assert [(proof.key, proof.reason) for proof in proofs] == [
        ("good 1", Reason.OK), ("bad", Reason.CHECK_FAILED), ("good 2", Reason.OK),
    ]  # fmt: skip


def test_a_rule_that_never_ends_refuses_its_own_candidate_alone():
    slow = rule("slow", "python", "\n...\n".join(f"${name}" for name in "ABCDEFG"))
    lines = "\n".join(f"x{number} = {number}" for number in range(400))
    proofs = prove_all(
        [
            a_candidate("slow", rules=[EVAL, slow], original=TEXT + lines, patched=FIXED + lines),
            a_candidate("good"),
        ]
    )

    assert [proof.reason for proof in proofs] == [Reason.CHECK_FAILED, Reason.OK]
    assert "Timeout" in proofs[0].detail


@pytest.mark.parametrize(
    ("original", "patched", "reason"),
    [
        (TEXT, TEXT, Reason.NO_CHANGE),
        (TEXT, TEXT.replace("\n", "\r\n"), Reason.NO_CHANGE),
        (TEXT, "", Reason.DELETES_CODE),
        (TEXT, FIXED + "\0", Reason.SYNTAX_ERROR),
        (TEXT + "\0", FIXED + "\0", Reason.CHECK_FAILED),
        (TEXT + "\ud800", FIXED + "\ud800", Reason.CHECK_FAILED),
        (TEXT.replace("\n", "\r\n"), FIXED.replace("\n", "\r\n"), Reason.OK),
        (TEXT.rstrip(), FIXED.rstrip(), Reason.OK),
        ("\ufeff" + TEXT, "\ufeff" + FIXED, Reason.OK),
        (TEXT + "# caf\udce9\n", FIXED + "# caf\udce9\n", Reason.OK),
        (TEXT, FIXED.replace("    return int", "\t return int"), Reason.OK),
        (TEXT, FIXED + "x = " + "(" * 3000 + ")" * 3000 + "\n", Reason.SYNTAX_ERROR),
        (TEXT, FIXED + "x = '" + "x" * 9000 + "'\n", Reason.TOO_LARGE),
    ],
)
def test_odd_texts_are_proven_or_refused(original, patched, reason):
    assert reason_of(a_candidate(original=original, patched=patched)) is reason


def test_a_file_of_20000_lines_is_proven():
    lines = "".join(f"def f{n}(a):\n    return a\n\n\n" for n in range(5_000))

    assert reason_of(a_candidate(original=lines + TEXT, patched=lines + FIXED)) is Reason.OK


@pytest.mark.parametrize(
    ("path", "language", "original", "patched", "reason"),
    [
        ("Dockerfile", "dockerfile", "FROM a\nRUN sudo b\n", "FROM a\nRUN c\n", Reason.OK),
        ("Dockerfile", "dockerfile", "RUN sudo b\n", "NOT c\n", Reason.SYNTAX_ERROR),
        ("a.conf", "generic", "RUN sudo b\n", "RUN c\n", Reason.CHECK_FAILED),
        ("a.tf", "terraform", 'a "b" "c" {\nd = "e"\n}\n', 'a "b" "c" {\nd = "f"\n}\n', Reason.OK),
    ],
)  # fmt: skip
def test_a_file_that_only_the_scanner_reads_is_read_by_it(
    path, language, original, patched, reason
):
    pattern = 'd = "e"' if language == "terraform" else "RUN sudo $X"
    rules = [rule("eval", language, pattern)]

    candidate = a_candidate(path=path, rules=rules, original=original, patched=patched)

    assert reason_of(candidate) is reason


def test_an_error_of_the_scanner_itself_is_a_failed_check(settings, tmp_path):
    settings.SEMGREP_PROGRAM = str(tmp_path / "missing")

    assert reason_of(a_candidate()) is Reason.CHECK_FAILED


def test_no_candidates_are_no_proofs():
    assert prove_all([]) == []
