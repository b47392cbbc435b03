"""Scans from their announcement to their end."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from findings.models import Ref, Scan, ScanProblem
from findings.refs import normalize_ref
from findings.scans import ScanAnnouncement, complete_scan, open_scan, report_problem
from tenants.models import Project
from tests.factories import ScanFactory

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 13, tzinfo=UTC)
ANNOUNCED = ScanAnnouncement(
    unique_id=uuid.UUID(int=7),
    project_name="acme/shop",
    project_url="https://github.example.com/acme/shop",
    branch="refs/heads/main",
    commit="c" * 40,
    products=["sast"],
    meta={"repository": "acme/shop"},
)


@pytest.mark.parametrize(
    ("branch", "name"),
    [
        ("refs/heads/main", "main"),
        ("main", "main"),
        ("refs/heads/feature/a", "feature/a"),
        ("refs/pull/7/merge", "refs/pull/7/merge"),
        ("refs/tags/v1", "refs/tags/v1"),
        ("", "HEAD"),
        ("HEAD", "HEAD"),
        ("  main/ ", "main"),
        ("b" * 500, "b" * 400),
    ],
)
def test_a_ref_has_one_name(branch, name):
    assert normalize_ref(branch) == name


def test_an_announced_scan_gets_its_project_and_ref(acme):
    scan = open_scan(announcement=ANNOUNCED, served_modes={"acme.eval": "block"}, now=NOW)

    assert (scan.project.name, scan.ref.name, scan.kind) == ("acme/shop", "main", "full")
    assert (scan.started_at, scan.status, scan.products) == (NOW, "running", ["sast"])
    assert scan.served_modes == {"acme.eval": "block"}
    project = Project.objects.get()
    assert (project.primary_branch, project.url) == ("main", ANNOUNCED.project_url)


def test_a_retried_announcement_is_the_same_scan(acme):
    first = open_scan(announcement=ANNOUNCED, served_modes={}, now=NOW)

    again = open_scan(announcement=ANNOUNCED, served_modes={"x": "block"}, now=LATER)

    assert again == first
    assert (again.started_at, again.served_modes) == (NOW, {})


def test_a_diff_scan_teaches_no_primary_branch(acme):
    diff = replace(ANNOUNCED, branch="feature", is_full_scan=False)

    open_scan(announcement=diff, served_modes={}, now=NOW)

    assert Project.objects.get().primary_branch == ""
    assert Ref.objects.get().name == "feature"


def test_what_cannot_be_stored_or_linked_is_mended(acme):
    odd = replace(
        ANNOUNCED,
        project_name="acme/\0shop",
        project_url="javascript:alert(1)",
        branch="ma\ud800in",
        commit="c" * 100,
        meta={"commit_title": "a\0b"},
    )

    scan = open_scan(announcement=odd, served_modes={}, now=NOW)

    assert (scan.project.name, scan.project.url) == ("acme/\ufffdshop", "")
    assert (scan.ref.name, scan.commit, scan.meta) == (
        "ma\ufffdin",
        "c" * 64,
        {"commit_title": "a\ufffdb"},
    )


def test_completing_twice_is_completing_once(acme):
    scan = ScanFactory()

    complete_scan(scan=scan, exit_code=0, stats={"findings": 2}, is_blocking=True, now=NOW)
    again = complete_scan(scan=scan, exit_code=1, stats={}, is_blocking=False, now=LATER)

    assert (again.status, again.exit_code, again.completed_at) == ("completed", 0, NOW)
    assert (again.is_blocking, again.stats) == (True, {"findings": 2})


def test_a_scan_whose_engine_failed_stays_an_error(acme):
    scan = ScanFactory()
    report_problem(
        kind="engine_error",
        unique_id=scan.unique_id,
        scan=None,
        exit_code=10**9,
        detail="no",
        now=NOW,
    )

    complete_scan(scan=scan, exit_code=2, stats={}, is_blocking=False, now=NOW)

    assert Scan.objects.get().status == "error"
    assert ScanProblem.objects.get().exit_code is None


def test_a_problem_without_a_scan_is_kept_without_its_secrets(acme):
    token = "ghp_" + "a1B2c3D4e5" * 4

    report_problem(
        kind="client_failure",
        unique_id=uuid.UUID(int=9),
        scan=None,
        exit_code=2,
        detail=f"Authorization: Bearer {token}",
        now=NOW,
    )

    problem = ScanProblem.objects.get()
    assert (problem.scan, token in problem.detail) == (None, False)
