"""Whole recorded runs, step by step, and what they leave in the tables."""

import pytest
from django.utils import timezone

from findings.models import Finding, Instance, State, TriageReason, TriageState
from findings.triage_states import TriageChange, triage_findings
from tenants.audit import Actor
from tests.api.programs import (
    begin,
    end,
    nulls_in,
    recorded,
    recorded_answer,
    send_results,
    settle,
)
from tests.factories import PolicyRuleFactory, RuleFactory

pytestmark = pytest.mark.django_db


def run(scanner, recording, step="03", **changes):
    scan_id, unique_id = begin(scanner, recording, **changes)
    send_results(scanner, scan_id, recording, step)
    settle()
    return scan_id, unique_id, end(scanner, scan_id).json()


@pytest.mark.parametrize("recording", ["github-full", "gitlab-full"])
def test_a_full_scan_leaves_its_matches_as_findings(scanner, recording):
    run(scanner, recording)

    body = recorded(recording, "03")["body"]
    assert Finding.objects.count() == len(body["findings"]) + len(body["ignores"])
    assert Finding.objects.filter(state=State.MUTED).count() == len(body["ignores"])


@pytest.mark.parametrize(
    ("full", "diff", "ref"),
    [
        ("github-full", "github-pr", "refs/pull/7/merge"),
        ("gitlab-full", "gitlab-mr", "feature/pay"),
    ],
)
def test_a_change_request_after_a_full_scan_closes_nothing(scanner, full, diff, ref):
    run(scanner, full)
    before = set(Instance.objects.values_list("id", "state"))

    run(scanner, diff)

    assert before <= set(Instance.objects.values_list("id", "state"))
    added = Instance.objects.filter(ref__name=ref)
    assert added.count() == len(recorded(diff, "03")["body"]["findings"])


def test_an_old_scanner_leaves_the_same_findings_as_a_new_one(scanner):
    body = recorded("cli-1.100.0", "01")["body"]
    scan_id = scanner.post("/api/cli/scans", body).json()["info"]["id"]
    send_results(scanner, scan_id, "cli-1.100.0", "02")
    settle()

    answer = scanner.post(
        f"/api/agent/scans/{scan_id}/complete", recorded("cli-1.100.0", "03")["body"]
    )

    assert answer.json()["success"] is True
    assert Finding.objects.count() == len(
        recorded("cli-1.100.0", "02")["body"]["findings"]
        + recorded("cli-1.100.0", "02")["body"]["ignores"]
    )


def test_an_empty_repository_leaves_nothing(scanner):
    _, _, answer = run(scanner, "empty-repo", "02")

    assert answer["success"] is True
    assert not Finding.objects.exists()


def test_a_second_identical_scan_adds_nothing(scanner):
    run(scanner, "github-full")
    before = set(Instance.objects.values_list("id", "finding_id", "state"))

    run(scanner, "github-full", unique_id="00000000-0000-4000-8000-000000000002")

    assert set(Instance.objects.values_list("id", "finding_id", "state")) == before


def test_a_scanner_that_asks_again_hears_success_in_the_end(scanner):
    recording = "pending-then-success"
    scan_id, unique_id = begin(scanner)
    polled = scanner.get(f"/api/cli/v2/scans/{unique_id}/config").json()
    send_results(scanner, scan_id)
    ends = [recorded(recording, step)["body"] for step in ("05", "06", "07")]

    waiting = [scanner.post(f"/api/agent/scans/{scan_id}/complete", end) for end in ends[:2]]
    settle()
    done = scanner.post(f"/api/agent/scans/{scan_id}/complete", ends[2])

    assert polled["status"] == "success"
    assert [answer.json() for answer in waiting] == [{"success": False}] * 2
    assert done.json()["success"] is True


def test_files_that_timed_out_prove_nothing(scanner):
    body = recorded("timeouts", "01")["body"]
    scan_id, _ = begin(scanner)
    skipped = body["skipped_paths"][0]
    reported = [one | {"path": skipped} for one in body["findings"]]
    scanner.post(
        f"/api/agent/scans/{scan_id}/results",
        body | {"findings": reported, "skipped_paths": []},
    )
    settle()
    end(scanner, scan_id)

    second, _ = begin(scanner, unique_id="00000000-0000-4000-8000-000000000002")
    scanner.post(f"/api/agent/scans/{second}/results", body | {"findings": []})
    settle()

    assert Finding.objects.get().state == State.UNRESOLVED


def test_ignored_findings_are_told_to_the_next_scan_by_both_ids(scanner):
    run(scanner, "github-full")
    finding = Finding.objects.filter(state=State.UNRESOLVED).order_by("id").first()
    triage_findings(
        finding_ids=[finding.id],
        change=TriageChange(state=TriageState.IGNORED, reason=TriageReason.FALSE_POSITIVE),
        actor=Actor.platform(),
        now=timezone.now(),
    )
    _, unique_id = begin(scanner, unique_id="00000000-0000-4000-8000-000000000002")

    config = scanner.get(f"/api/cli/v2/scans/{unique_id}/config").json()["config"]

    assert config["triage_ignored_match_based_ids"] == [finding.match_based_id]
    assert config["triage_ignored_syntactic_ids"] == [finding.syntactic_id]
    # The names are those that a scanner is known to have obeyed.
    assert set(config) == set(recorded_answer("triage-ignored", "01")["config"])


def test_ids_of_fixed_matches_are_not_told_for_they_may_be_another_match_by_now(scanner):
    run(scanner, "github-full")
    Finding.objects.update(triage_state=TriageState.IGNORED)
    Instance.objects.update(state=State.FIXED)
    _, unique_id = begin(scanner, unique_id="00000000-0000-4000-8000-000000000002")

    config = scanner.get(f"/api/cli/v2/scans/{unique_id}/config").json()["config"]

    assert config["triage_ignored_match_based_ids"] == []


@pytest.mark.parametrize("recording", ["github-full", "github-pr", "gitlab-full", "gitlab-mr"])
def test_no_answer_of_a_run_holds_a_null(scanner, recording):
    PolicyRuleFactory(rule=RuleFactory())
    scan_id, unique_id = begin(scanner, recording)
    answers = [
        scanner.post("/api/cli/v2/scans", recorded(recording, "01")["body"]),
        scanner.get(f"/api/cli/v2/scans/{unique_id}/config"),
        scanner.post(f"/api/agent/scans/{scan_id}/results", recorded(recording, "03")["body"]),
        scanner.post(f"/api/agent/scans/{scan_id}/complete", recorded(recording, "04")["body"]),
    ]
    settle()
    answers.append(end(scanner, scan_id))
    answers.append(scanner.get("/api/agent/deployments/current"))

    assert [nulls_in(answer.json()) for answer in answers] == [[]] * len(answers)
