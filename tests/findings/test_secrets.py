"""Secrets: no value of one is stored, neither in findings nor in what is kept of a report."""

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.models import Finding, Product, ReportFormat, Upload
from findings.reported import reported_ids
from findings.reports.scrubbing import scrub
from findings.reports.secrets import MASK, masked
from tests.factories import RuleFactory
from tests.findings.uploads import a_match, a_report, announce_scan, scan_of, upload

VALUE = "hunter2-Vq8zT1"
LINE = f'PASSWORD = "{VALUE}"'
METADATA = {"product": "secrets", "category": "security"}


def ci_report():
    match = a_match(
        rule="acme.password",
        path="config/a.py",
        metadata=METADATA,
        message=f"Password {VALUE} is in the code",
        fixed_lines=[LINE],
        dataflow_trace={"taint_source": ["CliLoc", [{"path": "config/a.py"}, LINE]]},
        historical_info={"git_commit": VALUE},
    )
    return a_report(match, a_match(message="eval is called")), ReportFormat.SEMGREP_CI


def json_report():
    result = {
        "check_id": "acme.password",
        "path": "config/a.py",
        "start": {"line": 3, "col": 1, "offset": 0},
        "end": {"line": 3, "col": 30, "offset": 29},
        "extra": {
            "message": f"Password {VALUE} is in the code",
            "severity": "ERROR",
            "metadata": METADATA,
            "lines": LINE,
            "fingerprint": "requires login",
            "metavars": {"$VALUE": {"abstract_content": VALUE}},
            "fix": LINE,
        },
    }
    return {"results": [result], "errors": [], "paths": {"scanned": ["config/a.py"]}}, (
        ReportFormat.SEMGREP_JSON
    )


def sarif_report():
    result = {
        "ruleId": "generic-api-key",
        "message": {"text": f"Password {VALUE} is in the code"},
        "partialFingerprints": {"commitMessage": f"add {VALUE}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "config/a.py"},
                    "region": {"startLine": 3, "endLine": 3, "snippet": {"text": LINE}},
                    "contextRegion": {"snippet": {"text": LINE}},
                }
            }
        ],
        "fixes": [{"description": {"text": VALUE}}],
        "suppressions": [{"kind": "external", "status": "rejected", "justification": VALUE}],
    }
    run = {
        "tool": {"driver": {"name": "gitleaks", "rules": [{"id": "generic-api-key"}]}},
        "artifacts": [{"contents": {"text": LINE}}],
        "results": [result],
    }
    return {"version": "2.1.0", "runs": [run]}, ReportFormat.SARIF


REPORTS = [ci_report, json_report, sarif_report]


@pytest.mark.parametrize("make", REPORTS)
def test_no_value_is_stored_in_any_row(acme, make):
    report, report_format = make()

    scan = scan_of(report, report_format=report_format)

    secret = Finding.objects.get(product=Product.SECRETS)
    assert secret.message == f"Password {MASK} is in the code"
    kept = zlib.decompress(Upload.objects.get().body).decode()
    assert VALUE not in kept
    assert VALUE not in str([list(Finding.objects.values()), list(scan.uploads.values("error"))])


@pytest.mark.parametrize("make", REPORTS)
def test_what_is_kept_is_read_into_the_same_findings(acme, make):
    report, report_format = make()
    scan = scan_of(report, report_format=report_format)

    stored = Upload.objects.get()
    assert stored.size_bytes == len(zlib.decompress(stored.body))
    assert reported_ids(scan) == set(Finding.objects.values_list("match_based_id", flat=True))


@pytest.mark.parametrize("make", REPORTS)
def test_a_second_scan_finds_everything_as_it_was(acme, make):
    report, report_format = make()
    scan_of(report, report_format=report_format)
    before = list(Finding.objects.order_by("id").values())

    again = scan_of(report, report_format=report_format)

    assert again.new_count == 0
    assert list(Finding.objects.order_by("id").values()) == before


@pytest.mark.parametrize("make", REPORTS)
def test_the_copy_has_nothing_left_to_scrub(make):
    report, report_format = make()

    once = scrub(json.dumps(report), report_format)

    assert json.loads(scrub(once, report_format)) == json.loads(once)


def test_the_message_of_our_own_rule_is_the_rules(acme):
    rule = RuleFactory(path="acme.password")
    rule.definition["message"] = "A password stands in the code."
    rule.save()

    scan_of(ci_report()[0])

    secret = Finding.objects.get(product=Product.SECRETS)
    assert secret.message == "A password stands in the code."


def test_a_report_without_secrets_is_kept_as_it_came(acme):
    report = a_report(a_match(message=f"Do not use {VALUE}"))

    scan_of(report)

    assert zlib.decompress(Upload.objects.get().body) == json.dumps(report).encode()
    assert Finding.objects.get().message == f"Do not use {VALUE}"


def test_a_refused_report_keeps_no_value_either(acme):
    report, _ = ci_report()
    report["findings"].append(a_match(path="/absolute"))

    refused = upload(announce_scan(), report)

    assert refused.status == "refused"
    assert VALUE not in zlib.decompress(refused.body).decode()


def test_of_what_is_no_json_what_looks_like_a_secret_is_masked(acme):
    body = b'{"findings": [ password = "correct horse battery"'

    refused = upload(announce_scan(), body)

    assert refused.status == "refused"
    assert zlib.decompress(refused.body) == b'{"findings": [ password = "[redacted:secret]"'


@pytest.mark.parametrize(
    ("message", "shown", "told"),
    [
        ("AWS key found.", (), "AWS key found."),
        ("Don't commit keys; see the team's wiki (2 pages).", (), None),
        ("A key like AKIAIOSFODNN7EXAMPLE leaked", (), "A key like [redacted:aws-key] leaked"),
        ("Password 'letmein' is bad", (), f"Password '{MASK}' is bad"),
        ("Password letmein is bad", ['pw = "letmein"'], f"Password {MASK} is bad"),
        ("Password letmein is bad", [{"a": [{"b": "letmein"}]}], f"Password {MASK} is bad"),
        ("Value s3cr3t-x, twice: s3cr3t-x.", (), f"Value {MASK}, twice: {MASK}."),
        ("https://user:pass@host/x", (), MASK),
        ("", (), ""),
    ],
)
def test_messages_are_masked_too_much_rather_than_too_little(message, shown, told):
    once = masked(message, shown=shown)

    assert once == (message if told is None else told)
    assert masked(once) == once


VALUES = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\"'`"),
    min_size=6,
    max_size=40,
)


@given(value=VALUES, before=st.sampled_from(["", "Key ", "(", "a="]))
def test_no_value_that_a_report_shows_stays_in_its_message(value, before):
    told = masked(f"{before}{value} was found", shown=[f'KEY = "{value}"'])

    # What stands in the sentence anyway, or in a mark, tells nothing.
    assert value in f"{before} was found {MASK}" or value not in told


@given(message=st.text(max_size=200), shown=st.lists(st.text(max_size=60), max_size=3))
def test_masking_twice_is_masking_once(message, shown):
    once = masked(message, shown=shown)

    assert masked(once) == once


@pytest.mark.parametrize("hostile", ["'" * 50_000, "a-" * 50_000, '="' * 50_000, "`x" * 50_000])
def test_no_text_makes_masking_slow(hostile):
    assert masked(hostile, shown=[hostile]) is not None
