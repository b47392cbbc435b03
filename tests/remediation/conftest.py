"""A shop with real code, rules and findings that were judged true."""

import pytest

from findings.models import Conclusion, Finding
from integrations.services import connect_local
from rules.models import Mode
from tenants.audit import Actor
from tests.factories import (
    FindingFactory,
    InstanceFactory,
    PolicyFactory,
    PolicyRuleFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    RuleFactory,
    ScanFactory,
    SourceFileFactory,
    VerdictFactory,
)
from tests.integrations.repositories import commit_files, make_repository

MESSAGE = "`os.system` gets user input. Start the program with a list of arguments."


@pytest.fixture
def shop(acme, tmp_path, settings):
    """A project whose code is in a real repository; returns a maker of findings in it."""
    settings.ALLOW_LOCAL_REPOSITORIES = True
    settings.ASSISTANT_PROVIDER = "offline"
    project = ProjectFactory(name="acme/shop")
    folder = tmp_path / "shop"
    make_repository(folder, {"requirements.txt": "flask==3.0.2\nacme-vault>=1.4\n"})
    connect_local(project=project, path=folder, actor=Actor.platform())
    ref = RefFactory(project=project)
    policy = PolicyFactory(is_default=True)

    def add_rule(path, **definition):
        whole = {
            "id": path,
            "languages": ["python"],
            "severity": "HIGH",
            "message": MESSAGE,
            **definition,
        }
        rule = RuleFactory(path=path, definition=whole)
        PolicyRuleFactory(policy=policy, rule=rule, mode=Mode.MONITOR)
        metadata = {"cwe": ["CWE-78: command"], "references": ["https://docs.example/shell"]}
        return ReportedRuleFactory(check_id=path, metadata=metadata)

    def make(text, *, sink="os.system(", rule=None, path="shop/service.py", judged=True, end=None):
        commit = commit_files(folder, {path: text})
        content = text if isinstance(text, str) else text.decode("utf-8", "replace")
        line = next(n for n, code in enumerate(content.split("\n"), 1) if sink in code)
        code = content.split("\n")[line - 1]
        finding = FindingFactory(
            project=project,
            rule=rule or make.rule,
            file=_file(project, path),
            ref=ref,
            message=MESSAGE,
            start_line=line,
            start_column=len(code[: code.index(sink)].encode()) + 1,
            end_line=line,
            end_column=len((end or code).encode()) + 1,
        )
        InstanceFactory(finding=finding, last_scan=ScanFactory(ref=ref, commit=commit))
        if judged:
            VerdictFactory(finding=finding, conclusion=Conclusion.TRUE_POSITIVE, commit=commit)
        return Finding.objects.get(pk=finding.pk)

    make.folder, make.project, make.ref = folder, project, ref
    make.add_rule = add_rule
    make.rule = add_rule("acme.command", pattern="os.system(...)")
    return make


def _file(project, path):
    return project.files.filter(path=path).first() or SourceFileFactory(project=project, path=path)
