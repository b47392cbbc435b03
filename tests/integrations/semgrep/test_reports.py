"""The scanner's JSON, read strictly."""

import json

import pytest

from integrations.semgrep.reports import (
    RuleMatch,
    RunResult,
    ScanError,
    UnreadableReportError,
    read_report,
)

MATCH = {
    "check_id": "acme.eval",
    "path": "app/a.py",
    "start": {"line": 3, "col": 5, "offset": 40},
    "end": {"line": 4, "col": 12, "offset": 61},
    "extra": {"message": "eval", "fingerprint": "requires login"},
}


def a_report(**parts):
    return json.dumps({"results": [], "errors": [], "version": "1.182.0", **parts}).encode()


def test_a_match_keeps_its_place_and_nothing_that_differs_between_ways():
    assert read_report(a_report(results=[MATCH])) == RunResult(
        matches=(
            RuleMatch(
                rule_id="acme.eval",
                path="app/a.py",
                start_line=3,
                start_column=5,
                end_line=4,
                end_column=12,
            ),
        ),
        errors=(),
    )


@pytest.mark.parametrize("kind", ["PartialParsing", ["PartialParsing", [{"path": "a.go"}]]])
def test_a_warning_keeps_its_kind_and_file(kind):
    error = {"type": kind, "level": "warn", "message": "unexpected", "path": "a.go", "code": 3}

    assert read_report(a_report(errors=[error])).errors == (
        ScanError(
            kind="PartialParsing", detail="unexpected", is_warning=True, rule_id=None, path="a.go"
        ),
    )


def test_an_error_of_a_rule_names_it_and_is_cut():
    error = {"type": "Rule parse error", "level": "error", "rule_id": "x", "long_msg": "a" * 5000}

    (read,) = read_report(a_report(errors=[error])).errors

    assert (read.rule_id, read.is_warning, len(read.detail)) == ("x", False, 1000)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"", "the whole"),
        (b"Segmentation fault", "the whole"),
        (b"\xff\xfe", "the whole"),
        (b"[]", "the whole"),
        (b'{"results": []}', "errors"),
        (a_report(results=None), "results"),
        (a_report(results=[{**MATCH, "path": 5}]), "results.0.path"),
        (a_report(results=[{**MATCH, "start": {"line": "3", "col": 1}}]), "results.0.start.line"),
        (a_report(results=[{**MATCH, "end": {"line": 3}}]), "results.0.end.col"),
        (a_report(errors=["boom"]), "errors.0"),
        (a_report(errors=[{"level": "error"}]), "errors.0.type"),
        (a_report(results=[MATCH])[:-9], "the whole"),
    ],
)
def test_a_report_of_another_shape_is_refused_with_its_place(text, place):
    with pytest.raises(UnreadableReportError) as refusal:
        read_report(text)

    assert f"({place}: " in refusal.value.detail
    assert refusal.value.code == "scanner_report_unreadable"
