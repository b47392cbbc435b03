"""What the scanner's door refuses: each with a sentence that names the field and the remedy."""

import io
import json

import pytest
from django.test import Client
from django.utils import timezone

from findings.models import Finding, ProblemKind, Scan, ScanProblem, Upload, UploadStatus
from tenants.audit import Actor
from tenants.models import ApiToken, TokenKind
from tenants.tokens import revoke_token
from tests.api.programs import Program, begin, end, recorded, send_results, settle

pytestmark = pytest.mark.django_db
DOORS = [
    ("POST", "/api/cli/v2/scans"),
    ("GET", "/api/cli/v2/scans/b5b22906-6ba3-4905-bda7-7c5658364bcb/config"),
    ("POST", "/api/cli/scans"),
    ("POST", "/api/agent/scans/1/results"),
    ("POST", "/api/agent/scans/1/complete"),
    ("POST", "/api/agent/scans/1/error"),
    ("GET", "/api/agent/deployments/current"),
    ("GET", "/api/agent/deployments/deepbinary/manylinux-x86"),
    ("POST", "/failure"),
    ("GET", "/c/p/baseline"),
    ("GET", "/c/r/acme.rule"),
]


def call(method, path, token=None):
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return Client().generic(method, path, b"{}", "application/json", headers=headers)


def error(response):
    return response.json()["error"]


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_every_door_asks_for_a_token(method, path):
    response = call(method, path)

    assert (response.status_code, error(response)["code"]) == (401, "invalid_token")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_every_door_refuses_an_api_token_as_a_bad_one(api, method, path):
    assert call(method, path, api.token).status_code == 401


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_every_door_has_one_method(scanner, method, path):
    response = call("DELETE", path, scanner.token)

    assert (response.status_code, response.headers["Allow"]) == (405, method)
    assert error(response)["code"] == "method_not_allowed"


def test_a_revoked_token_is_refused(scanner):
    token = ApiToken.objects.get(kind=TokenKind.CI)
    revoke_token(actor=Actor.platform(), token_id=token.id, now=timezone.now())

    assert scanner.get("/api/agent/deployments/current").status_code == 401


@pytest.mark.parametrize("token", ["", "0" * 64, "x" * 64, "tok", "\u00e9" * 64])
def test_a_token_that_nobody_has_is_refused(db, token):
    assert Program(token).get("/api/agent/deployments/current").status_code == 401


def test_a_scan_of_another_organization_is_not_there(scanner, rival_scanner):
    scan_id, unique_id = begin(scanner)
    results = recorded("github-full", "03")["body"]

    answers = [
        rival_scanner.get(f"/api/cli/v2/scans/{unique_id}/config"),
        rival_scanner.post(f"/api/agent/scans/{scan_id}/results", results),
        rival_scanner.post(f"/api/agent/scans/{scan_id}/complete", {"exit_code": 0}),
        rival_scanner.post(f"/api/agent/scans/{scan_id}/error", {"exit_code": 7}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert not Upload.objects.exists()
    assert not ScanProblem.objects.exists()
    assert Scan.objects.get().completed_at is None


@pytest.mark.parametrize("scan_id", ["None", "0", "-1", "9" * 40, "1%00", "\u0661"])
def test_an_id_that_is_no_scan_is_not_there(scanner, scan_id):
    response = scanner.post(f"/api/agent/scans/{scan_id}/results", {"findings": []})

    assert (response.status_code, error(response)["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/api/", "/api/agent", "/api/cli/v2/scans/", "/api/v1/nothing"])
def test_an_unknown_address_answers_json_and_never_redirects(scanner, path):
    response = scanner.post(path, {})

    assert (response.status_code, error(response)["code"]) == (404, "unknown_path")


@pytest.mark.parametrize(
    ("part", "key", "value", "field"),
    [
        ("project_metadata", "branch", 7, "project_metadata.branch"),
        ("project_metadata", "commit", ["a"], "project_metadata.commit"),
        ("project_metadata", "commit", "--output=x", "project_metadata.commit"),
        ("project_metadata", "is_full_scan", "yes", "project_metadata.is_full_scan"),
        ("project_metadata", "repo_url", {}, "project_metadata.repo_url"),
        ("project_metadata", "repo_display_name", "a\0b", "project_metadata.repo_display_name"),
        ("project_metadata", "branch", "b" * 401, "project_metadata.branch"),
        ("scan_metadata", "unique_id", "not-a-uuid", "scan_metadata.unique_id"),
        ("scan_metadata", "dry_run", "no", "scan_metadata.dry_run"),
        (
            "scan_metadata",
            "requested_products",
            ["coffee"],
            "scan_metadata.requested_products",
        ),
        ("scan_metadata", "requested_products", "sast", "scan_metadata.requested_products"),
    ],
)
def test_a_wrong_field_of_an_announcement_is_named(scanner, part, key, value, field):
    body = recorded("github-full", "01")["body"]
    body[part][key] = value

    response = scanner.post("/api/cli/v2/scans", body)

    assert (response.status_code, error(response)["field"]) == (400, field)
    assert error(response)["message"].startswith(f"{field}: ")
    assert not Scan.objects.exists()


@pytest.mark.parametrize("missing", ["project_metadata", "scan_metadata"])
def test_a_missing_part_of_an_announcement_is_named(scanner, missing):
    body = recorded("github-full", "01")["body"]
    del body[missing]

    response = scanner.post("/api/cli/v2/scans", body)

    assert error(response)["message"] == f"{missing}: this field is missing; send it."


def test_a_scan_without_a_repository_is_told_how_to_name_it(scanner):
    body = recorded("github-full", "01")["body"]
    body["project_metadata"] |= {"repository": None, "repo_display_name": None}

    response = scanner.post("/api/cli/v2/scans", body)

    assert response.status_code == 400
    assert "SEMGREP_REPO_NAME" in error(response)["message"]


def test_products_that_we_do_not_run_are_refused_with_a_sentence(scanner):
    body = recorded("github-full", "01")["body"]
    body["scan_metadata"]["requested_products"] = ["secrets"]

    response = scanner.post("/api/cli/v2/scans", body)

    assert (response.status_code, error(response)["code"]) == (400, "unsupported_product")
    assert "--code" in error(response)["message"]


def test_a_password_in_the_address_of_a_remote_is_not_kept(scanner):
    begin(scanner, repo_url="https://ci:hunter2@github.example.com/acme/shop")

    scan = Scan.objects.get()
    assert scan.project.url == "https://github.example.com/acme/shop"
    assert "hunter2" not in json.dumps(scan.meta)


def test_an_address_that_is_no_web_page_is_not_kept(scanner):
    begin(scanner, repo_url="javascript:alert(1)")

    assert Scan.objects.get().project.url == ""


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"{}" * 2])
def test_an_announcement_that_is_no_json_object_is_refused(scanner, body):
    response = scanner.post("/api/cli/v2/scans", body)

    assert response.status_code == 400
    assert error(response)["code"] in {"invalid_json", "invalid_input"}


def test_results_cut_off_on_the_way_are_refused_and_kept(scanner):
    scan_id, _ = begin(scanner)
    whole = json.dumps(recorded("github-full", "03")["body"]).encode()

    response = scanner.post(f"/api/agent/scans/{scan_id}/results", whole[:-100])

    assert (response.status_code, error(response)["code"]) == (422, "invalid_report")
    assert Upload.objects.get().size_bytes == len(whole) - 100


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"findings": {}}, "$.findings"),
        ({"findings": [{"check_id": "x"}]}, "$.findings[0].line"),
        ({"skipped_paths": "a.py"}, "$.skipped_paths"),
        ({"rule_ids": [1]}, "$.rule_ids[0]"),
    ],
)
def test_results_with_a_wrong_field_are_refused_by_its_name_and_kept(scanner, change, field):
    scan_id, _ = begin(scanner)
    body = recorded("github-full", "03")["body"] | change

    response = scanner.post(f"/api/agent/scans/{scan_id}/results", body)

    assert (response.status_code, error(response)["field"]) == (422, field)
    assert error(response)["message"].startswith(f"{field}: ")
    assert Upload.objects.count() == 1


@pytest.mark.parametrize("path", ["../../etc/passwd", "a\0b.py", "/etc/passwd"])
def test_a_path_that_leads_outside_is_refused_and_nothing_is_half_written(scanner, path):
    scan_id, _ = begin(scanner)
    body = recorded("github-full", "03")["body"]
    body["findings"][-1]["path"] = path

    response = scanner.post(f"/api/agent/scans/{scan_id}/results", body)
    settle()

    assert error(response)["field"] == "$.findings[8].path"
    assert Upload.objects.get().status == UploadStatus.REFUSED
    assert not Finding.objects.exists()
    assert end(scanner, scan_id).json()["success"] is True


def test_large_results_are_judged_by_their_ingest_alone(scanner):
    scan_id, _ = begin(scanner)
    body = recorded("github-full", "03")["body"] | {"skipped_paths": 7, "padding": "p" * 2**21}

    response = scanner.post(f"/api/agent/scans/{scan_id}/results", body)
    settle()

    assert response.json()["errors"] == []
    assert Upload.objects.get().error.startswith("$.skipped_paths: ")
    assert ScanProblem.objects.get().kind == ProblemKind.REFUSED_UPLOAD


def test_results_over_the_limit_are_refused_before_they_are_read(scanner, settings):
    scan_id, _ = begin(scanner)
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024

    response = scanner.post(f"/api/agent/scans/{scan_id}/results", b" " * (1024 * 1024 + 1))

    assert (response.status_code, error(response)["code"]) == (413, "body_too_large")
    assert "1 MB" in error(response)["message"]
    assert "UPLOAD_LIMIT_MEGABYTES" in error(response)["message"]
    assert not Upload.objects.exists()
    assert ScanProblem.objects.get().kind == ProblemKind.REFUSED_UPLOAD


def test_a_body_shorter_than_announced_is_refused(scanner):
    scan_id, _ = begin(scanner)

    response = Client().generic(
        "POST",
        f"/api/agent/scans/{scan_id}/results",
        headers={"Authorization": f"Bearer {scanner.token}"},
        **{"CONTENT_LENGTH": "5000", "wsgi.input": io.BytesIO(b'{"findings": []}')},
    )

    assert (response.status_code, error(response)["code"]) == (400, "body_cut_short")
    assert not Upload.objects.exists()


def test_a_body_in_chunks_is_asked_for_its_length(scanner):
    response = Client().generic(
        "POST",
        "/api/cli/v2/scans",
        headers={"Authorization": f"Bearer {scanner.token}", "Transfer-Encoding": "chunked"},
    )

    assert (response.status_code, error(response)["code"]) == (411, "length_required")


def test_a_compressed_body_is_refused(scanner):
    response = scanner.post("/api/cli/v2/scans", b"\x1f\x8b", **{"Content-Encoding": "gzip"})

    assert (response.status_code, error(response)["code"]) == (415, "body_encoded")


def test_odd_texts_at_the_end_of_a_scan_do_not_break_it(scanner):
    scan_id, _ = begin(scanner)

    response = scanner.post(
        f"/api/agent/scans/{scan_id}/complete",
        {"exit_code": 0, "stats": {"a\0b": "c\0d", "big": 10**30}},
    )

    assert response.status_code == 200
    assert Scan.objects.get().completed_at is not None


def test_a_wrong_exit_code_is_named_and_the_scan_stays_open(scanner):
    scan_id, _ = begin(scanner)

    response = scanner.post(f"/api/agent/scans/{scan_id}/complete", {"exit_code": "zero"})

    assert (response.status_code, error(response)["field"]) == (400, "exit_code")
    assert Scan.objects.get().completed_at is None


def test_a_failure_report_with_odd_fields_is_kept(scanner):
    response = scanner.post("/failure", {"request_id": "no uuid", "error": "bro\0ken"})

    assert response.status_code == 200
    assert ScanProblem.objects.get().unique_id is None


def test_twice_complete_changes_nothing(scanner):
    scan_id, _ = begin(scanner)
    first = end(scanner, scan_id).json()
    completed_at = Scan.objects.get().completed_at

    second = end(scanner, scan_id, exit_code=2).json()

    assert first == second
    assert (Scan.objects.get().completed_at, Scan.objects.get().exit_code) == (completed_at, 0)


def test_results_that_come_twice_are_kept_once(scanner):
    scan_id, _ = begin(scanner)
    send_results(scanner, scan_id)
    send_results(scanner, scan_id)

    assert Upload.objects.count() == 1


def test_an_id_of_very_many_digits_is_no_scan(scanner):
    response = scanner.post(f"/api/agent/scans/{'9' * 5000}/results", b"{}")

    assert (response.status_code, error(response)["code"]) == (404, "not_found")


def test_results_over_what_forms_may_send_are_taken(scanner):
    scan_id, _ = begin(scanner)
    body = recorded("github-full", "03")["body"] | {"padding": "p" * 3 * 2**20}

    assert scanner.post(f"/api/agent/scans/{scan_id}/results", body).status_code == 200
