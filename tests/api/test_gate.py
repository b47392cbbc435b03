"""What blocks a job: open findings of this scan whose rule was served in block mode."""

import pytest
from django.utils import timezone

from findings.models import Finding, Scan, TriageReason, TriageState
from findings.triage_states import TriageChange, triage_findings
from rules.models import Mode
from tenants.audit import Actor
from tests.api.programs import begin, end, recorded, send_results, settle
from tests.factories import PolicyRuleFactory, RuleFactory

pytestmark = pytest.mark.django_db
RULE = "acme.python.sql-injection"


def serve(mode, path=RULE):
    return PolicyRuleFactory(rule=RuleFactory(path=path), mode=mode)


def ids_of(rule, recording="github-full"):
    body = recorded(recording, "03")["body"]
    return sorted(one["match_based_id"] for one in body["findings"] if one["check_id"] == rule)


def run(scanner, recording="github-full", **changes):
    """Do a whole recorded scan; return the answer at its end."""
    scan_id, _ = begin(scanner, recording, **changes)
    send_results(scanner, scan_id, recording)
    settle()
    return end(scanner, scan_id).json()


def triage(state, reason=None):
    ids = list(Finding.objects.filter(rule__check_id=RULE).values_list("id", flat=True))
    change = TriageChange(state=state, reason=reason)
    triage_findings(finding_ids=ids, change=change, actor=Actor.platform(), now=timezone.now())


def again(number):
    return {"unique_id": f"00000000-0000-4000-8000-{number:012d}"}


def test_a_rule_in_block_mode_blocks_and_names_its_matches(scanner):
    serve(Mode.BLOCK)

    answer = run(scanner)

    found = ids_of(RULE)
    assert found
    assert answer["app_block_override"] is True
    assert answer["app_blocking_match_based_ids"] == found
    assert answer["app_block_reason"] == (
        f"{len(found)} open finding{'s' * (len(found) > 1)} of rules in block mode:"
        f" {RULE} ({len(found)}). Fix or triage them."
    )
    assert Scan.objects.get().is_blocking is True


@pytest.mark.parametrize("mode", [Mode.MONITOR, Mode.COMMENT])
def test_rules_in_other_modes_do_not_block(scanner, mode):
    serve(mode)

    answer = run(scanner)

    assert (answer["success"], answer["app_block_override"]) == (True, False)
    assert answer["app_blocking_match_based_ids"] == []
    assert Finding.objects.filter(rule__check_id=RULE).exists()


def test_the_mode_counts_that_the_scan_was_served(scanner):
    entry = serve(Mode.BLOCK)
    scan_id, _ = begin(scanner)
    entry.mode = Mode.MONITOR
    entry.save()
    send_results(scanner, scan_id)
    settle()

    assert end(scanner, scan_id).json()["app_block_override"] is True


def test_an_ignored_finding_lets_the_next_scan_pass(scanner):
    serve(Mode.BLOCK)
    run(scanner)
    triage(TriageState.IGNORED, TriageReason.ACCEPTABLE_RISK)

    answer = run(scanner, **again(2))

    assert answer["app_block_override"] is False


@pytest.mark.parametrize("state", [TriageState.REVIEWING, TriageState.FIXING, TriageState.REOPENED])
def test_a_finding_that_is_being_worked_on_still_blocks(scanner, state):
    serve(Mode.BLOCK)
    run(scanner)
    triage(state)

    assert run(scanner, **again(2))["app_block_override"] is True


def test_a_verdict_alone_never_unblocks(scanner):
    serve(Mode.BLOCK)
    run(scanner)
    Finding.objects.update(verdict="false_positive")

    assert run(scanner, **again(2))["app_block_override"] is True


def test_a_match_muted_in_the_code_does_not_block(scanner):
    serve(Mode.BLOCK, "acme.python.weak-hash-md5")
    scan_id, _ = begin(scanner)
    body = recorded("github-full", "03")["body"]
    muted = [one for one in body["ignores"] if one["check_id"] == "acme.python.weak-hash-md5"]
    scanner.post(f"/api/agent/scans/{scan_id}/results", body | {"findings": [], "ignores": muted})
    settle()

    assert muted
    assert end(scanner, scan_id).json()["app_block_override"] is False


def test_a_match_that_came_without_an_id_blocks_too(scanner):
    serve(Mode.BLOCK)
    scan_id, _ = begin(scanner)
    body = recorded("github-full", "03")["body"]
    for one in body["findings"]:
        del one["match_based_id"]
    scanner.post(f"/api/agent/scans/{scan_id}/results", body)
    settle()

    answer = end(scanner, scan_id).json()

    assert answer["app_block_override"] is True
    assert len(answer["app_blocking_match_based_ids"]) == len(ids_of(RULE))


def test_what_an_earlier_push_of_a_change_request_had_does_not_block_the_next(scanner):
    rule = "acme.javascript.eval-call"
    serve(Mode.BLOCK, rule)
    first = run(scanner, "github-pr")
    scan_id, _ = begin(scanner, "github-pr", **again(2))
    body = recorded("github-pr", "03")["body"]
    kept = [one for one in body["findings"] if one["check_id"] != rule]
    scanner.post(f"/api/agent/scans/{scan_id}/results", body | {"findings": kept})
    settle()

    second = end(scanner, scan_id).json()

    assert first["app_blocking_match_based_ids"] == ids_of(rule, "github-pr")
    assert second["app_block_override"] is False


def test_what_is_fixed_on_the_primary_branch_still_blocks_a_change_request(scanner):
    rule = "acme.javascript.eval-call"
    serve(Mode.BLOCK, rule)
    run(scanner, "github-pr")
    Finding.objects.filter(rule__check_id=rule).update(state="fixed")

    assert run(scanner, "github-pr", **again(2))["app_block_override"] is True


def test_the_gate_asks_as_many_questions_for_many_findings_as_for_one(
    scanner, django_assert_num_queries
):
    for rule in {one["check_id"] for one in recorded("github-full", "03")["body"]["findings"]}:
        serve(Mode.BLOCK, rule)
    scan_id, _ = begin(scanner)
    send_results(scanner, scan_id)
    settle()

    with django_assert_num_queries(13):
        answer = end(scanner, scan_id).json()

    assert len(answer["app_blocking_match_based_ids"]) == 9
    assert "more rules" in answer["app_block_reason"]


def test_results_that_cannot_be_read_block_where_a_rule_is_in_block_mode(scanner):
    serve(Mode.BLOCK)
    scan_id, _ = begin(scanner)
    body = recorded("github-full", "03")["body"]
    body["findings"][0]["path"] = "p" * 1001

    received = scanner.post(f"/api/agent/scans/{scan_id}/results", body)
    settle()
    answer = end(scanner, scan_id).json()

    # A refusal would end the scanner here, and its job green.
    assert received.status_code == 200
    (warning,) = received.json()["errors"]
    assert warning["message"].startswith("$.findings[0].path: 1,001 characters are too many")
    assert answer["app_block_override"] is True
    assert answer["app_block_reason"].startswith(
        "1 rule is in block mode, and the results could not be read: $.findings[0].path: "
    )
    assert Scan.objects.get().is_blocking is True


def test_results_that_never_came_block_where_a_rule_is_in_block_mode(scanner):
    serve(Mode.BLOCK)
    scan_id, _ = begin(scanner)

    answer = end(scanner, scan_id).json()

    assert answer["app_block_override"] is True
    assert answer["app_block_reason"] == (
        "1 rule is in block mode, and no results came. Scan again; the Scans page shows what"
        " went wrong."
    )


def test_results_that_were_whole_at_the_second_try_are_the_ones_that_count(scanner):
    serve(Mode.BLOCK, "acme.python.no-match")
    scan_id, _ = begin(scanner)
    scanner.post(f"/api/agent/scans/{scan_id}/results", b'{"findings": [')
    send_results(scanner, scan_id)
    settle()

    assert end(scanner, scan_id).json()["app_block_override"] is False


def test_a_scan_that_a_newer_one_overtook_is_decided_by_its_own_report(scanner):
    serve(Mode.BLOCK)
    slow, _ = begin(scanner, **again(1))
    quick, _ = begin(scanner, **again(2))
    send_results(scanner, quick, "empty-repo", "02")
    settle()
    end(scanner, quick)

    send_results(scanner, slow)
    settle()
    answer = end(scanner, slow).json()

    assert not Finding.objects.filter(rule__check_id=RULE, state="unresolved").exists()
    assert answer["app_blocking_match_based_ids"] == ids_of(RULE)


def test_results_over_the_limit_block_where_a_rule_is_in_block_mode(scanner, settings):
    serve(Mode.BLOCK)
    scan_id, _ = begin(scanner)
    settings.UPLOAD_LIMIT_BYTES = 1024

    sent = scanner.post(f"/api/agent/scans/{scan_id}/results", b" " * 1025)
    answer = end(scanner, scan_id).json()

    assert "UPLOAD_LIMIT_MEGABYTES" in sent.json()["errors"][0]["message"]
    assert answer["app_block_override"] is True
    assert "no results came" in answer["app_block_reason"]


def test_a_scan_keeps_what_could_have_blocked_it(scanner):
    serve(Mode.MONITOR)
    run(scanner)
    triage(TriageState.IGNORED, TriageReason.ACCEPTABLE_RISK)
    run(scanner, **again(2))

    first, second = Scan.objects.order_by("id")

    assert first.open_by_rule[RULE] == len(ids_of(RULE))
    assert RULE not in second.open_by_rule
    assert second.open_by_rule == {
        rule: count for rule, count in first.open_by_rule.items() if rule != RULE
    }
