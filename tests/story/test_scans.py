"""The unmodified `semgrep ci` against the running platform: from scan to verdict to triage."""

from pathlib import Path

import pytest

from tests.story.platform import (
    Checkout,
    github_pull_request,
    github_push,
    gitlab_merge_request,
    plain_git,
    scan,
)

pytestmark = [pytest.mark.live, pytest.mark.semgrep]

RULES = """
rules:
  - id: story.python.eval
    languages: [python]
    severity: ERROR
    message: eval runs $X as code
    pattern: eval($X)
    metadata: {category: security, confidence: HIGH, cwe: ["CWE-95: Eval Injection"]}
  - id: story.python.md5
    languages: [python]
    severity: WARNING
    message: MD5 is weak
    pattern: hashlib.md5(...)
    metadata: {category: security, confidence: MEDIUM, cwe: ["CWE-328: Weak Hash"]}
"""
EVAL = "def calculate(request):\n    return eval(request.args['formula'])\n"
MD5 = "import hashlib\n\n\ndef digest(text):\n    return hashlib.md5(text.encode()).hexdigest()\n"


@pytest.fixture(scope="module")
def platform(offline_platform):
    return offline_platform


@pytest.fixture
def tenant(platform, request, tmp_path):
    """An organization of the test's own, with two rules that monitor."""
    tenant = platform.create_tenant(f"acme-{abs(hash(request.node.name)) % 10**8}")
    import_rules(platform, tenant, tmp_path, RULES, "monitor")
    return tenant


def import_rules(platform, tenant, folder, text, mode):
    file = Path(folder) / f"rules-{mode}.yml"
    file.write_text(text)
    platform.manage("import_rules", str(file), "--organization", tenant.slug, "--mode", mode)


def connect(platform, tenant, checkout):
    platform.manage(
        "connect_local",
        "--organization",
        tenant.slug,
        "--project",
        "acme/shop",
        "--path",
        str(checkout.path),
    )


def by_rule(rows):
    return {row["rule_name"].rsplit(".", 1)[-1]: row for row in rows}


def test_a_full_scan_is_judged_and_a_second_one_adds_nothing(platform, tenant, tmp_path):
    checkout = Checkout.create(tmp_path, {"app/calc.py": EVAL, "app/digest.py": MD5})
    connect(platform, tenant, checkout)

    code, output = scan(platform, checkout, tenant.ci_token, extra=plain_git("main"))
    assert code == 0, output
    platform.wait_for(lambda: platform.are_all_judged(tenant), what="verdicts")
    first = platform.findings(tenant)
    again, output = scan(platform, checkout, tenant.ci_token, extra=plain_git("main"))

    assert again == 0, output
    rows = by_rule(first)
    assert set(rows) == {"eval", "md5"}
    assert rows["eval"]["location"] == {
        "file_path": "app/calc.py",
        "line": 2,
        "column": 12,
        "end_line": 2,
        "end_column": 41,
    }
    assert rows["eval"]["assistant"]["autotriage"]["verdict"] == "true_positive"
    assert [row["id"] for row in platform.findings(tenant)] == [row["id"] for row in first]


def test_moved_code_keeps_its_triage_and_deleted_code_is_fixed(platform, tenant, tmp_path):
    checkout = Checkout.create(tmp_path, {"app/calc.py": EVAL, "app/digest.py": MD5})
    scan(platform, checkout, tenant.ci_token, extra=plain_git("main"))
    rows = by_rule(platform.findings(tenant))
    platform.api(
        tenant,
        "/triage",
        {
            "issue_type": "sast",
            "issue_ids": [rows["eval"]["id"]],
            "new_triage_state": "ignored",
            "new_triage_reason": "acceptable_risk",
            "new_note": "Only for us.",
        },
    )

    moved = "import math\n\n\nPI = math.pi\n\n\n" + EVAL
    checkout.commit({"app/calc.py": moved, "app/digest.py": "# gone\n"})
    code, output = scan(platform, checkout, tenant.ci_token, extra=plain_git("main"))

    assert code == 0, output
    after = by_rule(platform.findings(tenant))
    assert after["eval"]["id"] == rows["eval"]["id"]
    assert (after["eval"]["status"], after["eval"]["triage_reason"]) == (
        "ignored",
        "acceptable_risk",
    )
    assert after["eval"]["location"]["line"] == 8
    assert after["md5"]["status"] == "fixed"


def test_a_github_pull_request_reports_what_it_adds_and_closes_nothing(platform, tenant, tmp_path):
    checkout = Checkout.create(tmp_path, {"app/calc.py": EVAL})
    main = checkout.git("rev-parse", "HEAD")
    assert scan(platform, checkout, tenant.ci_token, extra=github_push(main))[0] == 0
    checkout.git("switch", "-qc", "gift-cards")
    head = checkout.commit({"app/digest.py": MD5}, remove=["app/calc.py"])

    code, output = scan(
        platform,
        checkout,
        tenant.ci_token,
        extra=github_pull_request(checkout, branch="gift-cards", head=head, number=7),
    )

    assert code == 0, output
    rows = by_rule(platform.findings(tenant))
    assert (rows["eval"]["status"], rows["eval"]["ref"]) == ("open", "refs/heads/main")
    assert (rows["md5"]["status"], rows["md5"]["ref"]) == ("open", "refs/pull/7/merge")


def test_a_gitlab_merge_request_reports_what_it_adds(platform, tenant, tmp_path):
    checkout = Checkout.create(tmp_path, {"app/calc.py": EVAL})
    scan(platform, checkout, tenant.ci_token, extra=plain_git("main"))
    checkout.git("switch", "-qc", "gift-cards")
    head = checkout.commit({"app/digest.py": MD5})

    code, output = scan(
        platform,
        checkout,
        tenant.ci_token,
        extra=gitlab_merge_request(checkout, branch="gift-cards", head=head, number=9),
    )

    assert code == 0, output
    rows = by_rule(platform.findings(tenant))
    assert rows["md5"]["ref"] == "refs/heads/gift-cards"
    assert rows["eval"]["ref"] == "refs/heads/main"


def test_a_blocking_rule_ends_the_job_with_1_until_its_finding_is_ignored(
    platform, tenant, tmp_path
):
    import_rules(platform, tenant, tmp_path, RULES, "block")
    checkout = Checkout.create(tmp_path, {"app/calc.py": EVAL})

    blocked, output = scan(platform, checkout, tenant.ci_token, extra=plain_git("main"))
    finding = platform.findings(tenant)[0]
    platform.api(
        tenant,
        "/triage",
        {
            "issue_type": "sast",
            "issue_ids": [finding["id"]],
            "new_triage_state": "ignored",
            "new_triage_reason": "false_positive",
        },
    )
    passed, _output = scan(platform, checkout, tenant.ci_token, extra=plain_git("main"))

    assert (blocked, passed) == (1, 0), output
    assert "block" in output.lower()


def test_a_wrong_token_ends_the_job_with_13(platform, tmp_path):
    checkout = Checkout.create(tmp_path, {"app/calc.py": EVAL})

    code, output = scan(platform, checkout, "0" * 64, extra=plain_git("main"))

    assert code == 13, output


def test_a_muted_match_is_ignored_and_comes_back_unmuted(platform, tenant, tmp_path):
    muted = EVAL.replace("'])", "'])  # nosemgrep")
    checkout = Checkout.create(tmp_path, {"app/calc.py": muted})
    scan(platform, checkout, tenant.ci_token, extra=plain_git("main"))
    before = platform.findings(tenant)

    checkout.commit({"app/calc.py": EVAL})
    scan(platform, checkout, tenant.ci_token, extra=plain_git("main"))

    after = platform.findings(tenant)
    assert [(row["state"], row["status"]) for row in before] == [("muted", "ignored")]
    assert [(row["id"], row["status"]) for row in after] == [(before[0]["id"], "open")]
