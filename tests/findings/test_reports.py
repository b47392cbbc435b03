"""Reading reports: recorded ones of every format, and what is wrong in made ones."""

import json

import pytest

from findings.models import Confidence, Product, ReportFormat, Severity
from findings.reports.code_hash import hash_code
from findings.reports.formats import READERS, decode, detect_format
from findings.reports.values import InvalidReportError, TracePlace
from tests.findings.uploads import PAYLOADS, a_match, a_report, output, recorded


def read(report, report_format=ReportFormat.SEMGREP_CI):
    text = report if isinstance(report, str) else json.dumps(report)
    *findings, facts = READERS[report_format](text)
    return findings, facts


@pytest.mark.parametrize(
    ("folder", "findings", "muted", "is_diff"),
    [
        ("github-full", 10, 1, False),
        ("github-pr", 3, 0, True),
        ("gitlab-full", 10, 1, False),
        ("gitlab-mr", 3, 0, True),
        ("cli-1.100.0", 10, 1, False),
        ("supply-chain-full", 4, 0, False),
        ("supply-chain-pr", 1, 0, True),
        ("pr-nosemgrep", 1, 1, True),
        ("empty-repo", 0, 0, False),
        ("timeouts", 1, 0, False),
    ],
)
def test_recorded_uploads_are_read(folder, findings, muted, is_diff):
    found, facts = read(recorded(folder))

    assert (len(found), sum(one.is_muted for one in found)) == (findings, muted)
    assert facts.is_diff is is_diff


@pytest.mark.parametrize(
    ("name", "report_format", "findings"),
    [
        ("ci.json", ReportFormat.SEMGREP_JSON, 9),
        ("ci.sarif.json", ReportFormat.SARIF, 10),
        ("scan.anonymous.json", ReportFormat.SEMGREP_JSON, 9),
        ("scan.anonymous.sarif.json", ReportFormat.SARIF, 10),
        ("scan.broken-files.json", ReportFormat.SEMGREP_JSON, 1),
        ("scan.dataflow.sarif.json", ReportFormat.SARIF, 10),
        ("scan.logged-in.json", ReportFormat.SEMGREP_JSON, 9),
        ("scan.logged-in.sarif.json", ReportFormat.SARIF, 10),
        ("scan.no-rewrite-rule-ids.json", ReportFormat.SEMGREP_JSON, 9),
    ],
)
def test_recorded_files_are_recognized_and_read(name, report_format, findings):
    text = (PAYLOADS / "outputs" / name).read_text()

    assert detect_format(text) == report_format
    assert len(read(text, report_format)[0]) == findings


@pytest.mark.parametrize("name", ["scan.gitlab-sast.json", "test.json"])
def test_a_file_of_another_kind_is_refused(name):
    text = (PAYLOADS / "outputs" / name).read_text()

    with pytest.raises(InvalidReportError):
        read(text, detect_format(text))


def test_every_field_of_an_uploaded_finding_is_read():
    found, facts = read(recorded("github-full"))

    injection = next(one for one in found if one.rule.check_id == "acme.python.sql-injection")
    assert (injection.path, injection.start_line, injection.start_column) == ("app/db.py", 14, 24)
    assert (injection.end_line, injection.end_column) == (14, 29)
    assert injection.message.startswith("User input from the request reaches")
    assert injection.match_based_id.endswith("df1_0")
    assert len(injection.syntactic_id) == 32
    assert len(injection.code_hash) == len(injection.pattern_hash) == 64
    assert injection.rule.severity == Severity.HIGH
    assert injection.rule.confidence == Confidence.HIGH
    assert (injection.rule.category, injection.rule.product) == ("security", Product.SAST)
    assert injection.trace[0] == TracePlace(
        role="source", path="app/db.py", line=11, column=12, end_line=11, end_column=42
    )
    assert [place.role for place in injection.trace] == ["source", "step", "step", "sink"]
    assert "app/tasks.py" in facts.searched_paths
    assert facts.rule_ids >= {"acme.python.sql-injection", "acme.python.todo-info"}


def test_files_on_which_the_engine_gave_up_are_skipped():
    _, facts = read(recorded("timeouts"))

    assert facts.skipped_paths == {"long.py", "m000.py"}


def test_products_are_told_from_the_rule_and_the_match():
    found, _ = read(recorded("supply-chain-full"))

    assert sorted(one.rule.product for one in found) == ["sca", "sca", "sca", "secrets"]


def test_all_formats_of_one_scan_agree_on_ids_and_code():
    uploaded, _ = read(recorded("github-full"))
    as_json, _ = read(output("ci.json"), ReportFormat.SEMGREP_JSON)
    as_sarif, _ = read(output("ci.sarif.json"), ReportFormat.SARIF)

    def keys(found):
        return {(one.match_based_id, one.code_hash) for one in found if not one.is_muted}

    assert keys(as_json) == keys(as_sarif) == keys(uploaded)


def test_requires_login_is_nothing():
    found, _ = read(output("scan.anonymous.json"), ReportFormat.SEMGREP_JSON)
    sarif, _ = read(output("scan.anonymous.sarif.json"), ReportFormat.SARIF)

    assert {(one.match_based_id, one.code_hash) for one in found} == {("", "")}
    assert {one.match_based_id for one in sarif} == {""}
    assert all(one.code_hash for one in sarif)


def test_sarif_brings_severity_tags_and_the_data_flow():
    found, facts = read(output("scan.dataflow.sarif.json"), ReportFormat.SARIF)

    injection = next(one for one in found if one.rule.check_id.endswith("sql-injection"))
    assert (injection.rule.severity, injection.rule.confidence) == (
        Severity.HIGH,
        Confidence.HIGH,
    )
    assert injection.rule.metadata["owasp"] == ["A03:2021 - Injection"]
    assert [(place.role, place.line) for place in injection.trace] == [
        ("source", 11),
        ("step", 11),
        ("step", 12),
        ("sink", 14),
    ]
    assert [one.start_line for one in found if one.is_muted] == [34]
    assert facts.names_all_rules is False


def test_the_hash_of_code_forgets_indent_and_the_nosemgrep_comment():
    plain = hash_code("return hashlib.md5(data).hexdigest()")

    assert plain == hash_code("    return hashlib.md5(data).hexdigest()  # nosemgrep: acme.md5\r\n")
    assert plain == "6cdffd3440fd2ba970cba01ca871d6ab1aa4fd1633e2fee13c56ba9e6ee1ca08"
    assert hash_code(" \n ") == ""


def _but(**changes):
    return a_report({**a_match(), **changes})


WRONG = {
    "a cut-off upload": (json.dumps(a_report(a_match()))[:300], "$.findings[0]"),
    "a cut-off list": ('{"findings": [', "$.findings[0]"),
    "no JSON": ("<html>", "$"),
    "nothing": ("", "$"),
    "a list": ("[]", "$"),
    "two reports in one": ('{"findings": []} {"findings": []}', "$"),
    "a member twice": ('{"findings": [], "findings": []}', "$"),
    "not a number": ('{"findings": [], "a": NaN}', "$"),
    "a number of 5,000 digits": ('{"findings": [], "a": ' + "9" * 5000 + "}", "$.a"),
    "nested too deep": ('{"findings": [], "a": ' + "[" * 100_000 + "}", "$.a"),
    "no findings": ({"results": []}, "$.findings"),
    "findings that are no list": ({"findings": {}}, "$.findings"),
    "a finding that is a text": ({"findings": ["x"]}, "$.findings[0]"),
    "an ignore that is null": ({"findings": [], "ignores": [None]}, "$.ignores[0]"),
    "no rule": (_but(check_id=None), "$.findings[0].check_id"),
    "a rule that is a number": (_but(check_id=7), "$.findings[0].check_id"),
    "a rule of 500 characters": (_but(check_id="r" * 500), "$.findings[0].check_id"),
    "no path": (_but(path=""), "$.findings[0].path"),
    "a path out of the repository": (_but(path="app/../../etc"), "$.findings[0].path"),
    "a path out by backslashes": (_but(path="..\\secret"), "$.findings[0].path"),
    "an absolute path": (_but(path="/etc/passwd"), "$.findings[0].path"),
    "a drive": (_but(path="C:\\x.py"), "$.findings[0].path"),
    "NUL in a path": (_but(path="a\0.py"), "$.findings[0].path"),
    "half a character in a path": (_but(path="a\ud800.py"), "$.findings[0].path"),
    "a path of 10,000 characters": (_but(path="a" * 10_000), "$.findings[0].path"),
    "a line that is a text": (_but(line="1"), "$.findings[0].line"),
    "a line that is true": (_but(line=True), "$.findings[0].line"),
    "a negative line": (_but(line=-1), "$.findings[0].line"),
    "a line beyond all files": (_but(line=2**40), "$.findings[0].line"),
    "no end": (_but(end_line=None), "$.findings[0].end_line"),
    "an end before the start": (_but(line=9, end_line=3), "$.findings[0].end_line"),
    "a column that is a fraction": (_but(column=1.5), "$.findings[0].column"),
    "a severity that is a word": (_but(severity="ERROR"), "$.findings[0].severity"),
    "a severity of 9": (_but(severity=9), "$.findings[0].severity"),
    "a message that is a list": (_but(message=[]), "$.findings[0].message"),
    "metadata that is a list": (_but(metadata=[1]), "$.findings[0].metadata"),
    "an id that is a number": (_but(match_based_id=1), "$.findings[0].match_based_id"),
    "an id of 1,000 characters": (_but(match_based_id="a" * 1000), "$.findings[0].match_based_id"),
    "NUL in an id": (_but(syntactic_id="\0"), "$.findings[0].syntactic_id"),
    "hashes that are a text": (_but(hashes="x"), "$.findings[0].hashes"),
    "a hash that is a number": (_but(hashes={"code_hash": 1}), "$.findings[0].hashes.code_hash"),
    "paths that are a text": (a_report(searched_paths="app"), "$.searched_paths"),
    "a rule id that is null": (a_report(rule_ids=["a", None]), "$.rule_ids[1]"),
}


@pytest.mark.parametrize(("report", "place"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_refused_and_named(report, place):
    with pytest.raises(InvalidReportError) as refusal:
        read(report)

    assert refusal.value.field == place
    assert refusal.value.detail.endswith(".")


def test_a_cut_off_upload_says_so():
    with pytest.raises(InvalidReportError, match="it was cut off on its way"):
        read(json.dumps(a_report(a_match()))[:300])


def test_texts_for_people_are_made_storable_and_cut():
    found, _ = read(_but(message="a\0b\ud800" + "c" * 20_000, metadata={"note\0": ["\ud800"]}))

    assert found[0].message.startswith("a\ufffdb\ufffdc")
    assert len(found[0].message) == 10_000
    assert found[0].rule.metadata == {"note\ufffd": ["\ufffd"]}


def test_a_trace_of_an_unknown_form_is_left_out():
    found, _ = read(_but(dataflow_trace={"taint_source": ["CliNew", 1], "taint_sink": 7}))

    assert found[0].trace == ()


def test_a_trace_through_a_call_is_read():
    def location(line):
        return {
            "path": "a.py",
            "start": {"line": line, "col": 1},
            "end": {"line": line, "col": 2},
        }

    inner = ["CliLoc", [location(9), "code"]]
    call = ["CliCall", [[location(3), "code"], [{"location": location(4)}], inner]]
    found, _ = read(_but(dataflow_trace={"taint_source": call, "taint_sink": inner}))

    assert [(place.role, place.line) for place in found[0].trace] == [
        ("call", 3),
        ("step", 4),
        ("source", 9),
        ("sink", 9),
    ]


def test_bytes_that_are_not_utf_8_are_refused():
    with pytest.raises(InvalidReportError, match="The byte 3 is not UTF-8"):
        decode(b'{"\xff')


SARIF_WRONG = {
    "no runs": ({}, "$.runs"),
    "a run that is a text": ({"runs": ["x"]}, "$.runs[0]"),
    "no location": ({"runs": [{"results": [{"ruleId": "a"}]}]}, "$.runs[0].results[0].locations"),
    "no rule": ({"runs": [{"results": [{}]}]}, "$.runs[0].results[0].ruleId"),
}


@pytest.mark.parametrize(("report", "place"), SARIF_WRONG.values(), ids=SARIF_WRONG)
def test_wrong_sarif_is_refused_and_named(report, place):
    with pytest.raises(InvalidReportError) as refusal:
        read(report, ReportFormat.SARIF)

    assert refusal.value.field == place


def _sarif(**result):
    location = {"artifactLocation": {"uri": "a%20b.py"}, "region": {"startLine": 3}}
    rules = [{"id": "x", "properties": {"security-severity": "9.1"}}, {"id": "y"}]
    return {
        "runs": [
            {
                "tool": {"driver": {"rules": rules}},
                "results": [{"locations": [{"physicalLocation": location}], **result}],
            }
        ]
    }


def test_sarif_of_other_tools_is_read():
    (by_index,), _ = read(_sarif(ruleIndex=0), ReportFormat.SARIF)
    (by_level,), _ = read(_sarif(ruleId="y", level="note"), ReportFormat.SARIF)
    (rejected,), _ = read(
        _sarif(ruleId="y", suppressions=[{"kind": "external", "status": "rejected"}]),
        ReportFormat.SARIF,
    )

    assert (by_index.rule.check_id, by_index.rule.severity) == ("x", Severity.CRITICAL)
    assert (by_index.path, by_index.start_line, by_index.end_line) == ("a b.py", 3, 3)
    assert by_level.rule.severity == Severity.LOW
    assert rejected.is_muted is False
