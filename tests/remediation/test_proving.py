"""Proving what was proposed, and one more try."""

from datetime import UTC, datetime

import pytest

from findings.models import Confidence, Finding, Scan
from integrations.codehosts import CodeHostBusyError
from integrations.local_git.codehost import LocalGitCodeHost
from integrations.models import ConnectionKind
from integrations.registry import CODE_HOSTS
from llm.models import AssistantSettings, LeastConfidence, ModelCall
from remediation.announcements import fix_proven
from remediation.models import FixAttempt, FixStatus, Guidance, RemedyOrigin
from remediation.proving import ProvingOutcome, prove_proposed, retry_fix
from remediation.remedies import write_remedy
from remediation.selectors import (
    fix_attempts_of,
    guidance_by_finding,
    shown_fix,
    shown_fixes_by_finding,
)
from tests.factories import FixAttemptFactory, GuidanceFactory
from tests.integrations.repositories import commit_files
from tests.remediation.builders import CALL, CODE, IMPORT, a_fix, a_remedy

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
STILL = a_fix({"search": "    return name", "replace": "    return str(name)"})
OTHER = a_fix({"search": "subprocess.run(name)", "replace": "run(name)"})

pytestmark = pytest.mark.semgrep


def propose(finding):
    write_remedy(finding_id=finding.pk, is_fresh=False, now=NOW)


def prove(*findings):
    return prove_proposed(finding_ids=[finding.pk for finding in findings], now=NOW)


def test_a_good_fix_is_proven_shown_and_announced(
    shop, script_model, django_capture_on_commit_callbacks
):
    finding, heard = shop(CODE), []
    script_model(a_remedy())
    propose(finding)

    def listen(finding_id, **_others):
        heard.append(finding_id)

    fix_proven.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            outcome = prove(finding)
    finally:
        fix_proven.disconnect(listen)

    assert outcome == ProvingOutcome(proven_finding_ids=(finding.pk,))
    assert heard == [finding.pk]
    fix = shown_fix(finding.pk)
    assert (fix.status, fix.reason, fix.proven_at) == (FixStatus.PROVEN, "ok", NOW)
    assert fix.confidence == Confidence.HIGH
    assert {check["ok"] for check in fix.checks} == {True}
    assert fix.checks[-1]["name"] == "known packages"
    assert [(edit["start_line"], edit["end_line"]) for edit in fix.edits] == [(1, 1), (6, 6)]


def test_proving_twice_changes_nothing(shop, script_model):
    finding = shop(CODE)
    script_model(a_remedy())
    propose(finding)
    prove(finding)
    before = list(FixAttempt.objects.values())

    outcome = prove(finding)

    assert outcome == ProvingOutcome()
    assert list(FixAttempt.objects.values()) == before


def test_many_findings_are_proven_together_and_a_bad_one_costs_no_other(shop, script_model):
    good = shop(CODE)
    bad = shop(CODE.replace("restart", "reload"), path="shop/other.py")
    script_model(a_remedy(), a_remedy(fixes=[STILL]))
    propose(good)
    propose(bad)

    outcome = prove(good, bad)

    assert outcome.proven_finding_ids == (good.pk,)
    assert outcome.retry_finding_ids == (bad.pk,)
    refused = FixAttempt.objects.get(finding=bad)
    assert (refused.status, refused.reason) == (FixStatus.REFUSED, "still_fires")
    assert shown_fix(bad.pk) is None


def test_the_best_proven_candidate_is_kept(shop, script_model, settings):
    settings.FIX_CANDIDATES = 3
    finding = shop(CODE)
    script_model(
        a_remedy(fixes=[STILL, a_fix(confidence="low"), a_fix(IMPORT, CALL, confidence="medium")])
    )
    propose(finding)

    prove(finding)

    statuses = list(fix_attempts_of(finding.pk).values_list("rank", "status").order_by("rank"))
    assert statuses == [(0, "refused"), (1, "withdrawn"), (2, "proven")]
    assert shown_fix(finding.pk).rank == 2


@pytest.mark.parametrize(
    ("edit", "reason", "words"),
    [
        (OTHER["edits"][0], "does_not_apply", "does not stand in the file"),
        (
            {"search": CALL["search"], "replace": CALL["search"] + "  # nosemgrep"},
            "suppression",
            "",
        ),
        ({"search": CALL["search"], "replace": "    subprocess.run(["}, "syntax_error", ""),
        (
            {"search": CALL["search"], "replace": CALL["search"].replace("name", "str(name)")},
            "still_fires",
            "",
        ),
        (
            {"search": CALL["search"], "replace": '    run("[redacted:password]", name)'},
            "does_not_apply",
            "stood in for a secret",
        ),
        (
            {"search": CALL["search"], "replace": '    aws_key = "AKIAQ3EGTLM5XYZW7ABC"'},
            "does_not_apply",
            "looks like a secret",
        ),
        (
            {"search": "```python\n" + CALL["search"] + "\n```", "replace": "run()"},
            "does_not_apply",
            "Markdown fence",
        ),
        ({"search": "     6 > os.system(", "replace": "run("}, "does_not_apply", "line numbers"),
        ({"search": "", "replace": "run("}, "does_not_apply", "empty search"),
        ({"search": "\0", "replace": "run("}, "does_not_apply", ""),
        ({"search": "name", "replace": "label"}, "does_not_apply", "applies twice"),
        (
            {"search": "--- a/shop/service.py\n+++ b/shop/service.py", "replace": "x"},
            "does_not_apply",
            "is a diff",
        ),
    ],
)
def test_what_is_refused_says_why_and_is_never_shown(shop, script_model, edit, reason, words):
    finding = shop(CODE)
    script_model(a_remedy(fixes=[a_fix(edit)]))
    propose(finding)

    outcome = prove(finding)

    attempt = FixAttempt.objects.get()
    assert (attempt.status, attempt.reason) == (FixStatus.REFUSED, reason)
    assert words in attempt.detail
    assert shown_fix(finding.pk) is None
    assert shown_fixes_by_finding([finding.pk]) == {}
    assert outcome.retry_finding_ids == (finding.pk,)


@pytest.mark.parametrize("fixes", ["--- a/x\n+++ b/x\n", [{"edits": [], "confidence": "high"}]])
def test_fixes_of_another_shape_end_as_refused(shop, script_model, fixes):
    finding = shop(CODE)
    script_model(a_remedy(fixes=fixes))
    propose(finding)

    assert prove(finding).retry_finding_ids == (finding.pk,)
    assert FixAttempt.objects.get().reason == "does_not_apply"


def test_an_answer_that_was_none_is_refused_and_not_asked_again(shop, script_model):
    finding = shop(CODE)
    provider = script_model("prose", "prose")
    propose(finding)

    assert prove(finding) == ProvingOutcome()

    assert FixAttempt.objects.get().status == FixStatus.REFUSED
    assert not retry_fix(finding_id=finding.pk, now=NOW)
    assert len(provider.requests) == 2


def test_an_unknown_package_lowers_the_confidence_by_one_step(shop, script_model):
    finding = shop(CODE)
    unknown = {"search": "import os\n", "replace": "import os\nimport shellguard\n"}
    call = {**CALL, "replace": '    shellguard.run(["restart", name])'}
    script_model(a_remedy(fixes=[a_fix(unknown, call)]))
    propose(finding)

    prove(finding)

    fix = shown_fix(finding.pk)
    assert (fix.proposed_confidence, fix.confidence) == (Confidence.HIGH, Confidence.MEDIUM)
    assert fix.checks[-1]["ok"] is None
    assert "shellguard" in fix.checks[-1]["detail"]


def test_a_declared_package_lowers_nothing(shop, script_model):
    finding = shop(CODE)
    declared = {"search": "import os\n", "replace": "import os\nimport acme_vault\n"}
    call = {**CALL, "replace": '    acme_vault.run(["restart", name])'}
    script_model(a_remedy(fixes=[a_fix(declared, call)]))
    propose(finding)

    prove(finding)

    assert shown_fix(finding.pk).confidence == Confidence.HIGH


def test_a_proven_fix_below_the_organizations_minimum_is_stored_and_not_shown(shop, script_model):
    finding = shop(CODE)
    AssistantSettings.objects.create(least_fix_confidence=LeastConfidence.HIGH)
    script_model(a_remedy(fixes=[a_fix(confidence="medium")]))
    propose(finding)

    prove(finding)

    assert FixAttempt.objects.get().status == FixStatus.PROVEN
    assert shown_fix(finding.pk) is None


def test_a_rules_own_fix_is_proven_without_a_model(shop):
    rule = shop.add_rule(
        "acme.own", pattern='os.system("restart " + $X)', fix='subprocess.run(["restart", $X])'
    )
    finding = shop(CODE, rule=rule)
    propose(finding)
    guidance = Guidance.objects.get()

    prove(finding)

    fix = FixAttempt.objects.get()
    assert (guidance.origin, fix.origin) == (RemedyOrigin.RULE, RemedyOrigin.RULE)
    assert fix.edits[0]["replace"] == 'subprocess.run(["restart", name])'
    assert (fix.status, fix.confidence) == (FixStatus.PROVEN, Confidence.HIGH)
    assert shown_fix(finding.pk) == fix
    assert not ModelCall.objects.exists()


def test_a_rules_own_fix_that_leaves_the_match_is_refused_and_nobody_asks_a_model(
    shop, script_model
):
    rule = shop.add_rule("acme.own", pattern="os.system($X)", fix="os.system(str($X))")
    finding = shop(CODE, rule=rule)
    provider = script_model(a_remedy())
    propose(finding)

    outcome = prove(finding)

    assert FixAttempt.objects.get().reason == "still_fires"
    assert outcome == ProvingOutcome()
    assert len(provider.requests) == 1


def test_a_rule_that_we_do_not_have_proves_nothing(shop, script_model):
    finding = shop(CODE)
    script_model(a_remedy())
    propose(finding)
    Finding.objects.filter(pk=finding.pk).get().rule.__class__.objects.update(check_id="theirs")

    outcome = prove(finding)

    assert FixAttempt.objects.get().reason == "check_failed"
    assert outcome.retry_finding_ids == ()


@pytest.mark.parametrize("what", ["commit", "content_hash"])
def test_code_that_is_not_there_any_more_is_a_check_that_failed(shop, script_model, what):
    finding = shop(CODE)
    script_model(a_remedy())
    propose(finding)
    FixAttempt.objects.update(**{what: "d" * 40})

    assert prove(finding) == ProvingOutcome()

    attempt = FixAttempt.objects.get()
    assert (attempt.status, attempt.reason) == (FixStatus.REFUSED, "check_failed")


def test_a_file_that_is_not_utf8_is_not_edited(shop, script_model):
    finding = shop(CODE.encode() + b"# \xe9\n")
    script_model(a_remedy())
    propose(finding)

    prove(finding)

    attempt = FixAttempt.objects.get()
    assert (attempt.status, attempt.reason) == (FixStatus.REFUSED, "check_failed")
    assert "UTF-8" in attempt.detail


def test_what_was_withdrawn_meanwhile_stays_so(shop, script_model):
    finding = shop(CODE)
    script_model(a_remedy())
    propose(finding)
    FixAttempt.objects.update(status=FixStatus.WITHDRAWN)

    assert prove(finding) == ProvingOutcome()
    assert FixAttempt.objects.get().status == FixStatus.WITHDRAWN


def test_the_model_is_told_the_exact_failure_and_its_second_fix_is_proven(shop, script_model):
    finding = shop(CODE)
    provider = script_model(a_remedy(fixes=[STILL]), {"fixes": [a_fix()]})
    propose(finding)
    prove(finding)

    assert retry_fix(finding_id=finding.pk, now=NOW)
    outcome = prove(finding)

    told = provider.requests[1].messages[1].text
    assert '"refused": "still_fires"' in told
    assert "return str(name)" in told
    assert FixAttempt.objects.get(round=1).detail in told
    assert outcome == ProvingOutcome(proven_finding_ids=(finding.pk,))
    assert shown_fix(finding.pk).round == 2
    assert ModelCall.objects.order_by("-id").first().purpose == "remedy-retry"


@pytest.mark.parametrize("second", [{"fixes": [STILL]}, {"fixes": []}, "prose"])
def test_nobody_asks_a_third_time(shop, script_model, second):
    finding = shop(CODE)
    provider = script_model(a_remedy(fixes=[STILL]), second, second)
    propose(finding)
    prove(finding)

    assert retry_fix(finding_id=finding.pk, now=NOW)
    asked = len(provider.requests)
    assert not retry_fix(finding_id=finding.pk, now=NOW)
    outcome = prove(finding)

    assert outcome == ProvingOutcome()
    assert not retry_fix(finding_id=finding.pk, now=NOW)
    assert len(provider.requests) == asked
    assert set(FixAttempt.objects.values_list("status", flat=True)) == {FixStatus.REFUSED}


def test_a_file_that_changed_is_not_asked_about_again(shop, script_model):
    finding = shop(CODE)
    provider = script_model(a_remedy(fixes=[STILL]))
    propose(finding)
    prove(finding)
    commit = commit_files(shop.folder, {"shop/service.py": CODE + "\nmore = 1\n"})
    Scan.objects.update(commit=commit)

    assert not retry_fix(finding_id=finding.pk, now=NOW)
    assert len(provider.requests) == 1


def test_a_busy_code_host_costs_no_other_finding_its_proof(shop, script_model, monkeypatch):
    good, busy = shop(CODE), shop(CODE, path="shop/busy.py")
    script_model(a_remedy(), a_remedy(fixes=[STILL]))
    propose(good)
    propose(busy)
    FixAttempt.objects.filter(finding=busy).update(path="shop/slow.py")
    monkeypatch.setitem(CODE_HOSTS, ConnectionKind.LOCAL_GIT, _BusyHost)

    with pytest.raises(CodeHostBusyError):
        prove(good, busy)

    assert shown_fix(good.pk) is not None
    assert FixAttempt.objects.get(finding=busy).status == FixStatus.PROPOSED


class _BusyHost:
    """A code host that does not answer for one file."""

    def __init__(self, link):
        self.real = LocalGitCodeHost.of_link(link)

    def read_file(self, *, path, commit):
        if path == "shop/slow.py":
            raise CodeHostBusyError("The code host did not answer in time.")
        return self.real.read_file(path=path, commit=commit)


def test_lists_read_remedies_in_a_fixed_number_of_queries(shop, django_assert_num_queries):
    findings = [shop(CODE, path=f"shop/{name}.py") for name in "abc"]
    for finding in findings:
        guidance = GuidanceFactory(finding=finding)
        FixAttemptFactory(finding=finding, guidance=guidance)
    ids = [finding.pk for finding in findings]

    with django_assert_num_queries(1):
        assert set(guidance_by_finding(ids)) == set(ids)
    with django_assert_num_queries(2):
        assert set(shown_fixes_by_finding(ids)) == set(ids)
