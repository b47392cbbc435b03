"""A finding whose code can be read."""

import pytest

from integrations.services import connect_local
from tenants.audit import Actor
from tests.factories import (
    FindingFactory,
    InstanceFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    ScanFactory,
    SourceFileFactory,
)
from tests.integrations.repositories import make_repository

CODE = "import os\n\ndef run(request):\n    os.system(request.args['command'])\n"


@pytest.fixture
def scan(acme, tmp_path):
    """A full scan of a commit in a real repository."""
    project = ProjectFactory(name="acme/shop")
    commit = make_repository(tmp_path / "shop", {"app/run.py": CODE})
    connect_local(project=project, path=tmp_path / "shop", actor=Actor.platform())
    return ScanFactory(ref=RefFactory(project=project), commit=commit)


@pytest.fixture
def finding(scan):
    """A command injection that the scan reported."""
    finding = FindingFactory(
        project=scan.project,
        ref=scan.ref,
        rule=ReportedRuleFactory(metadata={"cwe": ["CWE-78: OS Command Injection"]}),
        file=SourceFileFactory(project=scan.project, path="app/run.py"),
        confidence=2,
        start_line=4,
        start_column=5,
        end_line=4,
        end_column=39,
    )
    InstanceFactory(finding=finding, last_scan=scan)
    return finding
