"""Running rules and judging them: with stand-ins for how, with the real scanner for what."""

import pytest

from core.errors import InvalidInputError
from integrations.semgrep.reports import RuleMatch, UnreadableReportError
from integrations.semgrep.runner import RuleProblem, run_rules, validate_rules
from integrations.semgrep.sandbox import Limits, ScannerMissingError, ScannerTimeLimitError

NOTHING = '{"results": [], "errors": []}'
# What the quick way says of a rule, in the scanner's words, and of a whole file.
NAMES_ONE = (
    '{"results": [], "errors": [{"type": "Rule parse error", "level": "error",'
    ' "rule_id": "rule-2", "message": "Rule parse error in rule rule-2: no such thing"}]}'
)
NAMES_NONE = (
    '{"results": [], "errors": [{"type": "Invalid YAML", "level": "error",'
    ' "message": "Invalid YAML at line ../rules.json:1: Expected a list for languages"}]}'
)


def a_rule(number=1, **changes):
    rule = {
        "id": f"rule-{number}",
        "languages": ["python"],
        "severity": "HIGH",
        "message": "eval runs text as code",
        "pattern": "eval(...)",
    }
    return {**rule, **changes}


def rules(count):
    return [a_rule(number) for number in range(count)]


def runs(log):
    """Return how often the stand-in ran, by way."""
    lines = log.read_text().splitlines()
    quick = sum("--experimental" in line for line in lines)
    return {"quick": quick, "plain": len(lines) - quick}


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log"
    path.touch()
    return path


def test_the_scanner_is_told_to_be_quiet_and_where_the_files_are(program, log):
    program(f"echo \"$@\" > {log}; cat ../rules.json app/a.py > {log}.read; echo '{NOTHING}'")

    run_rules(rules=[a_rule()], files={"app/a.py": "eval(x)\n"})

    assert log.read_text().split() == [
        "scan",
        "--experimental",
        "--novcs",
        "--json",
        "--quiet",
        "--metrics=off",
        "--disable-version-check",
        "--no-rewrite-rule-ids",
        "--jobs=1",
        "--config=../rules.json",
        "--",
        "app/a.py",
    ]
    assert log.with_name("log.read").read_text().endswith('"pattern": "eval(...)"}]}eval(x)\n')


def test_the_scanner_cannot_call_home_and_has_no_secret(program, log, monkeypatch):
    monkeypatch.setenv("SEMGREP_APP_TOKEN", "topsecret")
    program(f"env > {log}; echo '{NOTHING}'")

    run_rules(rules=[a_rule()], files={})

    variables = dict(line.split("=", 1) for line in log.read_text().splitlines())
    assert "SEMGREP_APP_TOKEN" not in variables
    assert variables["SEMGREP_URL"] == variables["HTTPS_PROXY"] == "http://127.0.0.1:9"
    assert variables["SEMGREP_SEND_METRICS"] == "off"
    assert variables["SEMGREP_ENABLE_VERSION_CHECK"] == "0"


@pytest.mark.parametrize(
    "path", ["../a.py", "/etc/passwd", "a/../../b.py", "a\0.py", "", ".", "a/..", "./../x"]
)
def test_a_file_outside_the_folder_is_refused(program, path, log):
    program(f"echo ran >> {log}")

    with pytest.raises(InvalidInputError, match="files: ") as refusal:
        run_rules(rules=[a_rule()], files={path: "eval(x)\n"})

    assert refusal.value.field == "files"
    assert log.read_text() == ""


def test_where_the_quick_way_says_nothing_readable_the_plain_way_is_asked(program):
    program(f"case $2 in --experimental) echo broken ;; *) echo '{NAMES_ONE}' ;; esac")

    result = run_rules(rules=[a_rule()], files={"a.py": ""})

    assert [error.rule_id for error in result.errors] == ["rule-2"]


def test_a_failure_without_a_reason_is_an_error_of_the_result(program):
    program(f"echo '{NOTHING}'; exit 2")

    (error,) = run_rules(rules=[a_rule()], files={}).errors

    assert error.kind == "exit code"
    assert error.detail == "The scanner ended with exit code 2 and gave no reason."


def test_a_scanner_that_never_ends_is_an_error(program):
    program("while :; do :; done")

    with pytest.raises(ScannerTimeLimitError):
        run_rules(rules=[a_rule()], files={}, limits=Limits(seconds=1))


def test_a_missing_scanner_is_named_with_the_setting(settings):
    settings.SEMGREP_PROGRAM = "/missing/semgrep"

    with pytest.raises(ScannerMissingError, match="SEMGREP_PROGRAM"):
        validate_rules([a_rule()])


def test_no_rules_need_no_scanner(settings):
    settings.SEMGREP_PROGRAM = "/missing/semgrep"

    assert validate_rules([]) == []


def test_valid_rules_are_tried_once_each_way(program, log):
    program(f"echo \"$@\" >> {log}; echo '{NOTHING}'")

    assert validate_rules(rules(20)) == []

    assert runs(log) == {"quick": 1, "plain": 1}


def test_a_rule_that_the_scanner_names_needs_no_search(program, log):
    program(
        f'echo "$@" >> {log}\n'
        f"if grep -q rule-2 ../rules.json; then echo '{NAMES_ONE}'; exit 7; fi\n"
        f"echo '{NOTHING}'"
    )

    problems = validate_rules(rules(8))

    assert problems == [RuleProblem(index=2, rule_id="rule-2", reason="no such thing")]
    assert runs(log) == {"quick": 2, "plain": 0}


def test_rules_that_the_scanner_does_not_name_are_found_by_halving(program, log):
    program(
        f'echo "$@" >> {log}\n'
        f"if grep -Eq 'rule-(3|6)\"' ../rules.json; then echo '{NAMES_NONE}'; exit 7; fi\n"
        f"echo '{NOTHING}'"
    )

    problems = validate_rules(rules(8))

    reason = "Expected a list for languages"
    assert problems == [
        RuleProblem(index=3, rule_id="rule-3", reason=reason),
        RuleProblem(index=6, rule_id="rule-6", reason=reason),
    ]
    assert runs(log) == {"quick": 11, "plain": 0}


def test_what_the_quick_way_lets_pass_the_plain_way_may_still_refuse(program):
    program(
        f"case $2 in --experimental) echo '{NOTHING}'; exit 0 ;; esac\n"
        f"if grep -q 'rule-5' ../rules.json; then echo '{NAMES_NONE}'; exit 7; fi\n"
        f"echo '{NOTHING}'"
    )

    assert [problem.rule_id for problem in validate_rules(rules(8))] == ["rule-5"]


def test_a_rule_that_breaks_the_scanner_is_found(program):
    program(
        "if grep -q 'rule-5' ../rules.json; then echo 'Fatal error' >&2; exit 2; fi\n"
        f"echo '{NOTHING}'"
    )

    (problem,) = validate_rules(rules(8))

    assert problem.rule_id == "rule-5"
    assert problem.reason.startswith("The scanner breaks over this rule")


def test_a_scanner_that_breaks_over_every_rule_blames_none(program, log):
    program(f'echo "$@" >> {log}; exit 127')

    with pytest.raises(UnreadableReportError):
        validate_rules(rules(50))

    assert runs(log) == {"quick": 2, "plain": 2}


def test_where_only_the_quick_way_is_broken_the_plain_way_decides(program):
    program(
        "case $2 in --experimental) exit 127 ;; esac\n"
        f"if grep -q rule-2 ../rules.json; then echo '{NAMES_ONE}'; exit 7; fi\n"
        f"echo '{NOTHING}'"
    )

    assert [problem.rule_id for problem in validate_rules(rules(8))] == ["rule-2"]


@pytest.mark.semgrep
def test_the_real_scanner_names_each_invalid_rule():
    bad = [
        a_rule(0),
        a_rule(1, pattern="exec("),
        a_rule(2, languages=["pyton"]),
        a_rule(3, languages=["go"], pattern="lambda x )"),
        a_rule(4, severity="TERRIBLE"),
        a_rule(5, **{"min-version": "99.0.0"}),
        a_rule(6),
    ]

    problems = validate_rules(bad)

    assert [problem.rule_id for problem in problems] == [f"rule-{n}" for n in (1, 2, 3, 4, 5)]
    assert problems[1].reason == "invalid language pyton"


@pytest.mark.semgrep
def test_the_real_scanner_takes_a_search_rule_and_a_taint_rule():
    taint = a_rule(
        2,
        mode="taint",
        **{"pattern-sources": [{"pattern": "ask()"}], "pattern-sinks": [{"pattern": "run(...)"}]},
    )
    del taint["pattern"]

    assert validate_rules([a_rule(1), taint]) == []


@pytest.mark.semgrep
def test_the_real_scanner_matches_in_files_that_a_scan_of_a_folder_would_skip():
    files = {"tests/a.py": "x = 1\n  \neval(x)\n", "-b.py": "pass\n", "c.txt": "eval(x)\n"}

    result = run_rules(rules=[a_rule()], files=files)

    assert result.matches == (
        RuleMatch(
            rule_id="rule-1",
            path="tests/a.py",
            start_line=3,
            start_column=1,
            end_line=3,
            end_column=8,
        ),
    )
    assert result.errors == ()


@pytest.mark.semgrep
def test_the_real_scanner_tells_of_a_file_that_does_not_parse():
    files = {"a.go": "package a\nfunc f() { eval(1\n"}

    (error,) = run_rules(rules=[a_rule(languages=["go"])], files=files).errors

    assert (error.path, error.is_warning) == ("a.go", True)
