"""Recorded requests of real scanners, replayed against the scanner's door."""

import uuid

import pytest

from findings.models import (
    ProblemKind,
    Scan,
    ScanKind,
    ScanProblem,
    ScanStatus,
    Upload,
    UploadStatus,
)
from rules.models import Mode
from tenants.models import Project
from tests.api.programs import begin, end, nulls_in, recorded, send_results
from tests.factories import PolicyFactory, PolicyRuleFactory, RuleFactory

pytestmark = pytest.mark.django_db


def serve(path="acme.python.sql-injection", mode=Mode.MONITOR):
    return PolicyRuleFactory(rule=RuleFactory(path=path), mode=mode)


def test_a_full_scan_becomes_a_scan_of_the_named_project_and_branch(scanner, acme):
    serve()

    response = scanner.post("/api/cli/v2/scans", recorded("github-full", "01")["body"])

    scan = Scan.objects.get()
    assert response.json() == {
        "info": {
            "id": scan.id,
            "deployment_id": acme.id,
            "deployment_name": "acme",
            "enabled_products": ["sast"],
        }
    }
    assert (scan.project.name, scan.project.url) == (
        "acme/shop",
        "https://github.example.com/acme/shop",
    )
    assert (scan.kind, scan.ref.name, scan.commit) == (
        ScanKind.FULL,
        "main",
        "900d1df540fa63d8ce0059e4039930476fcddc60",
    )
    assert scan.served_modes == {"acme.python.sql-injection": "monitor"}
    assert scan.project.primary_branch == "main"


@pytest.mark.parametrize(
    ("recording", "ref", "number", "merge_base"),
    [
        ("github-pr", "refs/pull/7/merge", "7", "900d1df540fa63d8ce0059e4039930476fcddc60"),
        ("gitlab-mr", "feature/pay", "3", "c259e20e5cee7f0ad83f3fea1731aefce12899de"),
    ],
)
def test_a_change_request_becomes_a_diff_scan(scanner, recording, ref, number, merge_base):
    begin(scanner, recording)

    scan = Scan.objects.get()
    assert (scan.kind, scan.ref.name) == (ScanKind.DIFF, ref)
    assert (scan.change_request, scan.merge_base) == (number, merge_base)


def test_a_repeated_announcement_is_the_same_scan(scanner):
    first = begin(scanner)
    second = begin(scanner)

    assert first == second
    assert Scan.objects.count() == 1


def test_the_same_run_id_of_another_organization_is_another_scan(scanner, rival_scanner):
    ours = begin(scanner)
    theirs = begin(rival_scanner)

    assert ours[0] != theirs[0]
    assert ours[1] == theirs[1]


def test_the_configuration_serves_the_rules_of_the_policies_and_no_null(scanner):
    serve("acme.blocking", Mode.BLOCK)
    serve("acme.off", Mode.DISABLED)
    _, unique_id = begin(scanner)

    body = scanner.get(f"/api/cli/v2/scans/{unique_id}/config").json()

    (rule,) = body["config"]["rules"]["rules"]
    assert rule["id"] == "acme.blocking"
    assert rule["metadata"]["dev.semgrep.actions"] == []
    assert body["status"] == "success"
    assert body["engine_params"] == {
        "autofix": True,
        "product_ignored_files": [["sast", []], ["sca", []], ["secrets", []]],
    }
    assert nulls_in(body) == []


def test_a_rule_added_after_the_scan_began_is_not_served(scanner):
    serve("acme.first")
    _, unique_id = begin(scanner)
    serve("acme.second")

    body = scanner.get(f"/api/cli/v2/scans/{unique_id}/config").json()

    assert [rule["id"] for rule in body["config"]["rules"]["rules"]] == ["acme.first"]


def test_paths_that_organization_and_project_ignore_are_handed_out_for_each_product(scanner, acme):
    _, unique_id = begin(scanner)
    acme.path_ignores = ["vendor/", "docs/"]
    acme.save()
    Project.objects.update(path_ignores=["*.min.js", "vendor/"])

    body = scanner.get(f"/api/cli/v2/scans/{unique_id}/config").json()

    together = ["vendor/", "docs/", "*.min.js"]
    assert body["engine_params"]["product_ignored_files"] == [
        ["sast", together],
        ["sca", together],
        ["secrets", together],
    ]


def test_an_old_scanner_gets_scan_and_configuration_in_one_answer(scanner):
    serve()

    response = scanner.post("/api/cli/scans", recorded("cli-1.100.0", "01")["body"])

    body = response.json()
    assert body["info"]["id"] == Scan.objects.get().id
    assert [rule["id"] for rule in body["config"]["rules"]["rules"]] == [
        "acme.python.sql-injection"
    ]
    assert body["engine_params"]["autofix"] is True
    assert nulls_in(body) == []


def test_an_empty_repository_can_be_scanned(scanner):
    scan_id, _ = begin(scanner, "empty-repo")

    answer = send_results(scanner, scan_id, "empty-repo", "02")

    assert answer["errors"] == []
    assert Scan.objects.get().ref.name == "HEAD"


def test_a_dry_run_makes_no_scan_and_still_gets_its_rules(scanner, rival_scanner):
    serve()
    body = recorded("scan-config-policy", "01")["body"]

    created = scanner.post("/api/cli/v2/scans", body)
    path = f"/api/cli/v2/scans/{body['scan_metadata']['unique_id']}/config"
    configuration = scanner.get(path)
    foreign = rival_scanner.get(path)

    assert "id" not in created.json()["info"]
    assert nulls_in(created.json()) == []
    assert len(configuration.json()["config"]["rules"]["rules"]) == 1
    assert foreign.status_code == 404
    assert not Scan.objects.exists()
    assert not Project.objects.exists()


def test_a_dry_run_of_an_old_scanner_gets_its_rules_at_once(scanner):
    serve()
    body = recorded("cli-1.100.0", "01")["body"]
    body["scan_metadata"]["dry_run"] = True

    answer = scanner.post("/api/cli/scans", body).json()

    assert "id" not in answer["info"]
    assert len(answer["config"]["rules"]["rules"]) == 1
    assert not Scan.objects.exists()


def test_results_are_kept_and_answered_before_they_are_read(scanner):
    scan_id, _ = begin(scanner)

    answer = send_results(scanner, scan_id)
    again = send_results(scanner, scan_id)

    upload = Upload.objects.get()
    assert answer == again == {"errors": [], "task_id": str(upload.id)}
    assert upload.status == UploadStatus.STORED


def test_complete_is_put_off_until_the_results_are_findings(scanner):
    scan_id, _ = begin(scanner)
    send_results(scanner, scan_id)

    early = end(scanner, scan_id)
    Upload.objects.update(status=UploadStatus.INGESTED)
    late = end(scanner, scan_id, exit_code=1)

    assert early.json() == {"success": False}
    assert late.json() == {
        "success": True,
        "app_block_override": False,
        "app_block_reason": "",
        "app_blocking_match_based_ids": [],
    }
    scan = Scan.objects.get()
    assert (scan.status, scan.exit_code, scan.is_blocking) == (ScanStatus.COMPLETED, 1, False)
    assert scan.stats["findings"] == 9


def test_refused_results_do_not_hold_the_job_up(scanner):
    scan_id, _ = begin(scanner)
    send_results(scanner, scan_id)
    Upload.objects.update(status=UploadStatus.REFUSED)

    answer = end(scanner, scan_id).json()

    assert (answer["success"], answer["app_block_override"]) == (True, False)


def test_a_failed_engine_is_written_down_with_its_scan(scanner):
    scan_id, _ = begin(scanner)

    response = scanner.post(
        f"/api/agent/scans/{scan_id}/error", recorded("invalid-rule", "01")["body"]
    )

    problem = ScanProblem.objects.get()
    assert response.json() == {}
    assert (problem.kind, problem.scan_id, problem.exit_code) == (
        ProblemKind.ENGINE_ERROR,
        scan_id,
        7,
    )
    assert Scan.objects.get().status == ScanStatus.ERROR


def test_a_job_that_gave_up_is_written_down_although_it_is_green(scanner):
    response = scanner.post("/failure", recorded("server-error", "01")["body"])

    problem = ScanProblem.objects.get()
    assert response.json() == {}
    assert (problem.kind, problem.exit_code) == (ProblemKind.CLIENT_FAILURE, 2)
    assert problem.unique_id == uuid.UUID("7b6cfde8-dda7-492d-a1d9-8420ecaeecd0")
    assert problem.detail.startswith("POST https://platform.example.com/api/cli/v2/scans\n")


def test_the_engine_is_refused_with_the_remedy_and_written_down_once(scanner):
    current = scanner.get("/api/agent/deployments/current")
    _, unique_id = begin(scanner)
    path = recorded("no-oss-only-flag", "02")["path"]

    refused = scanner.get(path, **{"X-Semgrep-Scan-ID": unique_id})
    scanner.get(path, **{"X-Semgrep-Scan-ID": unique_id})

    assert current.json()["deployment"]["name"] == "acme"
    assert refused.status_code == 403
    assert "--oss-only" in refused.json()["error"]["message"]
    problem = ScanProblem.objects.get()
    assert (problem.kind, problem.scan_id) == (ProblemKind.ENGINE_BINARY, Scan.objects.get().id)
    assert "manylinux-x86" in problem.detail


def test_versions_are_told_without_a_token(client):
    body = client.get("/api/check-version").json()

    assert body["versions"] == {"latest": "1.182.0", "minimum": "1.100.0"}
    assert nulls_in(body) == []


def test_rule_lints_are_served_empty_without_a_token(client):
    assert client.get("/c/p/semgrep-rule-lints").json() == {"rules": []}


def test_rules_are_served_by_policy_and_by_id_to_the_own_organization_alone(scanner, rival_scanner):
    policy = PolicyFactory(slug="baseline")
    PolicyRuleFactory(policy=policy, rule=RuleFactory(path="acme.one"))
    serve("acme.two")

    by_policy = scanner.get("/c/p/baseline").json()["rules"]
    by_id = scanner.get("/c/r/acme.two").json()["rules"]

    assert [rule["id"] for rule in by_policy] == ["acme.one"]
    assert [rule["id"] for rule in by_id] == ["acme.two"]
    assert rival_scanner.get("/c/p/baseline").status_code == 404
    assert rival_scanner.get("/c/r/acme.two").status_code == 404
