"""A program that calls us with a token, and the recorded calls of real scanners."""

import json
from dataclasses import dataclass
from pathlib import Path

from django.test import Client
from django.utils import timezone

from findings.ingest import ingest_upload
from findings.models import Upload, UploadStatus

PAYLOADS = Path(__file__).resolve().parents[1] / "payloads" / "semgrep"


@dataclass
class Program:
    """Calls with a bearer token; bodies are JSON unless they are bytes."""

    token: str

    def get(self, path, **headers):
        return Client().get(path, headers=self._headers(headers))

    def post(self, path, body, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Client().post(
            path, data, content_type="application/json", headers=self._headers(headers)
        )

    def put(self, path, body, **headers):
        data = json.dumps(body).encode()
        return Client().put(
            path, data, content_type="application/json", headers=self._headers(headers)
        )

    def _headers(self, headers):
        return {"Authorization": f"Bearer {self.token}", **headers}


def _read(name, step):
    (file,) = (PAYLOADS / name).glob(f"{step}-*.json")
    return json.loads(file.read_text())


def recorded(name, step):
    """Return the request of one recorded step: `01`, `03` …"""
    return _read(name, step)["request"]


def recorded_answer(name, step):
    """Return the body of the answer that a scanner is known to have understood."""
    return _read(name, step)["response"]["body"]


def settle():
    """Ingest what waits, as the pipeline would."""
    for upload in Upload.objects.filter(status=UploadStatus.STORED).order_by("id"):
        ingest_upload(upload_id=upload.id, now=timezone.now())


def begin(program, recording="github-full", **changes):
    """Begin a recorded scan; return our id for it and its unique id."""
    body = recorded(recording, "01")["body"]
    body["scan_metadata"] |= {k: v for k, v in changes.items() if k in body["scan_metadata"]}
    body["project_metadata"] |= {k: v for k, v in changes.items() if k not in body["scan_metadata"]}
    response = program.post("/api/cli/v2/scans", body)
    assert response.status_code == 200, response.content
    return response.json()["info"]["id"], body["scan_metadata"]["unique_id"]


def send_results(program, scan_id, recording="github-full", step="03"):
    response = program.post(
        f"/api/agent/scans/{scan_id}/results", recorded(recording, step)["body"]
    )
    assert response.status_code == 200, response.content
    return response.json()


def end(program, scan_id, exit_code=0):
    body = {"exit_code": exit_code, "stats": {"findings": 9, "errors": [], "total_time": 1.5}}
    return program.post(f"/api/agent/scans/{scan_id}/complete", body)


def nulls_in(value, path="$"):
    """Return the JSON paths of nulls in a value."""
    if value is None:
        return [path]
    if isinstance(value, dict):
        return [hit for key, one in value.items() for hit in nulls_in(one, f"{path}.{key}")]
    if isinstance(value, list):
        return [hit for n, one in enumerate(value) for hit in nulls_in(one, f"{path}[{n}]")]
    return []
