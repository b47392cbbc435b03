"""The panel that says how to make a finding go away."""

import hashlib
from http import HTTPStatus

import pytest
from django.urls import reverse

from findings.models import Conclusion, Severity
from memories.models import Memory, MemoryStage
from pipeline.models import Stage, StageRun, StageStatus
from remediation.models import FixStatus, RemedyOrigin
from tests.factories import (
    FindingFactory,
    FixAttemptFactory,
    GuidanceFactory,
    InstanceFactory,
    ProjectFactory,
    RepositoryLinkFactory,
    SourceFileFactory,
    VerdictFactory,
)
from tests.integrations.repositories import git, make_repository
from triage.models import AnalysisRequest

HTMX = {"HTTP_HX_REQUEST": "true"}
CODE = "import db\n\n\ndef find(name):\n    sql = f'SELECT {name}'\n    return db.run(sql)\n"
EDIT = {
    "search": "    sql = f'SELECT {name}'\n    return db.run(sql)",
    "replace": "    return db.run('SELECT ?', [name])",
    "start_line": 5,
    "end_line": 6,
}


@pytest.fixture
def member(client, mel):
    client.force_login(mel)
    return client


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def reader(client, vic):
    client.force_login(vic)
    return client


@pytest.fixture
def real(acme):
    """A true positive."""
    finding = FindingFactory()
    VerdictFactory(finding=finding, conclusion=Conclusion.TRUE_POSITIVE)
    finding.refresh_from_db()
    return finding


@pytest.fixture
def repository(tmp_path, settings):
    settings.ALLOW_LOCAL_REPOSITORIES = True
    return tmp_path / "shop"


@pytest.fixture
def fix(acme, repository):
    """A proven fix of code that is in a repository."""
    commit = make_repository(repository, {"app/db.py": CODE})
    project = ProjectFactory()
    RepositoryLinkFactory(project=project, location=str(repository))
    file = SourceFileFactory(project=project, path="app/db.py")
    finding = FindingFactory(project=project, file=file, start_line=5, end_line=6)
    VerdictFactory(finding=finding, conclusion=Conclusion.TRUE_POSITIVE)
    return FixAttemptFactory(
        finding=finding,
        commit=commit,
        content_hash=hashlib.sha256(CODE.encode()).hexdigest(),
        edits=[EDIT],
    )


def address(name, finding, *rest):
    return reverse(f"remediation:{name}", args=["acme", finding.id, *rest])


def panel(client, finding):
    response = client.get(address("remedy-panel", finding), **HTMX)
    assert response.status_code == HTTPStatus.OK
    return response.content.decode()


def test_guidance_is_shown_as_markdown_that_cannot_do_harm(member, real):
    GuidanceFactory(
        finding=real,
        summary="Bind `name` <b>now</b>.",
        instructions="1. Do <img src=x onerror=alert(1)>\n\n```python\nimport os\n```\n"
        "2. [go](javascript:alert(1)) ![](https://evil.example/p.png)",
        unknown_names=["left-padder<i>"],
        left_out=["The module `shop.db` was not shown."],
    )

    body = panel(member, real)

    assert "Bind <code>name</code> &lt;b&gt;now&lt;/b&gt;." in body
    assert '<span class="kn">import</span>' in body
    assert "Not known in this project: <code>left-padder&lt;i&gt;</code>" in body
    assert "was not shown" in body
    for part in ("<img", 'href="javascript:', "<b>now", "<i>"):
        assert part not in body, part


@pytest.mark.parametrize(
    ("origin", "label"),
    [
        (RemedyOrigin.MODEL, "AI"),
        (RemedyOrigin.RULE, "From the rule"),
        (RemedyOrigin.REUSED, "Reused"),
    ],
)
def test_guidance_says_where_it_comes_from(member, real, origin, label):
    GuidanceFactory(finding=real, origin=origin)

    body = panel(member, real)

    assert f"</svg>{label}</span>" in body
    assert ("origin-model" in body) == (origin == RemedyOrigin.MODEL)


def test_offline_guidance_says_that_no_model_is_configured(member, real):
    GuidanceFactory(finding=real, origin=RemedyOrigin.RULE)

    assert "no model is configured" in panel(member, real)


def test_memories_that_were_used_are_listed_with_links(admin, ada, real):
    memory = Memory.objects.create(
        text="Use <our> vault client.",
        contexts=["guidance"],
        stage=MemoryStage.LIVE,
        source="form",
        author=ada,
        door="page",
    )
    GuidanceFactory(finding=real, memory_ids=[memory.id, 999_999])

    body = panel(admin, real)

    assert "Referenced 2 memories" in body
    assert reverse("memories:memory", args=["acme", memory.id]) in body
    assert "Use &lt;our&gt; vault client." in body


@pytest.mark.parametrize(
    ("fields", "verdict", "sentence"),
    [
        ({}, "", "Guidance follows once the finding has been judged."),
        ({}, Conclusion.FALSE_POSITIVE, "there is nothing to fix"),
        ({}, Conclusion.NEEDS_REVIEW, "Nobody has asked for guidance"),
        ({"product": "sca"}, "", "Only findings in code are analyzed."),
        ({"state": "fixed"}, "", "It was decided before it was analyzed."),
    ],
)
def test_a_finding_without_guidance_says_why(member, fields, verdict, sentence):
    finding = FindingFactory(verdict=verdict, **fields)

    assert sentence in panel(member, finding)


def test_a_finding_below_the_trigger_says_so(member, script_model):
    script_model()
    finding = FindingFactory(severity=Severity.LOW)

    assert "this finding is below that" in panel(member, finding)


@pytest.mark.parametrize(
    ("stage", "sentence"),
    [
        (Stage.JUDGE, "is being judged"),
        (Stage.REMEDY, "are being written"),
        (Stage.PROVE, "is being proven"),
    ],
)
def test_what_is_under_way_is_said_and_asked_again(member, real, stage, sentence):
    StageRun.objects.create(finding=real, stage=stage, scan=InstanceFactory().last_scan)

    body = panel(member, real)

    assert sentence in body
    assert 'hx-trigger="every 3s"' in body
    assert "Customize fix" not in body


def test_what_was_asked_for_waits_before_it_has_a_stage(member, real):
    AnalysisRequest.objects.create(finding_ids=[real.id], wanted=["remedy"])

    assert "is about to begin" in panel(member, real)


def test_progress_tells_the_panels_when_it_is_further(member, real):
    seen = {"seen": "proving"}

    response = member.get(address("remedy-progress", real), seen, **HTMX)
    same = member.get(address("remedy-progress", real), {"seen": "nothing"}, **HTMX)

    assert response.headers["HX-Trigger"] == '{"analysis-changed": true}'
    assert "hx-get" not in response.content.decode()
    assert "HX-Trigger" not in same.headers


def test_a_failure_says_why(member, real):
    StageRun.objects.create(
        finding=real,
        scan=InstanceFactory().last_scan,
        stage=Stage.REMEDY,
        status=StageStatus.FAILED,
        error="The provider <rejected> the key.",
    )

    assert "failed: The provider &lt;rejected&gt; the key." in panel(member, real)


def test_a_proven_fix_is_shown_with_its_checks(member, fix):
    fix.checks = [
        {"name": "applies", "ok": True, "detail": ""},
        {"name": "parses", "ok": None, "detail": "There is no grammar for <this>."},
    ]
    fix.save()

    body = panel(member, fix.finding)

    assert "Proven" in body
    assert "Confidence high" in body
    assert 'aria-label="Passed"' in body
    assert "could not run" in body
    assert "no grammar for &lt;this&gt;" in body


def test_the_difference_shows_both_sides_with_signs_and_numbers(reader, fix):
    body = reader.get(address("fix-diff", fix.finding, fix.id), **HTMX).content.decode()

    assert "1 added, 2 removed" in body
    assert body.count(">removed</span>") == 2 * 2  # line by line, and side by side
    assert body.count(">added</span>") == 1 * 2
    assert "--- a/app/db.py\n+++ b/app/db.py\n@@ -" in body
    assert '<span class="k">return</span>' in body


def test_the_patch_applies_with_git(reader, fix, repository, tmp_path):
    response = reader.get(address("fix-patch", fix.finding, fix.id))

    disposition = f'attachment; filename="finding-{fix.finding_id}.patch"'
    assert response.headers["Content-Disposition"] == disposition
    (tmp_path / "fix.patch").write_bytes(response.content)
    git(repository, "apply", "--check", str(tmp_path / "fix.patch"))
    git(repository, "apply", str(tmp_path / "fix.patch"))
    expected = CODE.replace(EDIT["search"], EDIT["replace"])
    assert (repository / "app/db.py").read_text() == expected


def test_without_the_file_the_lines_that_come_in_are_shown(member, fix):
    fix.commit = "c" * 40
    fix.save()

    body = member.get(address("fix-diff", fix.finding, fix.id), **HTMX).content.decode()
    patch = member.get(address("fix-patch", fix.finding, fix.id))

    assert "these are the lines that the fix puts in" in body
    assert "db.run(&#x27;SELECT ?&#x27;, [name])" in body
    assert patch.status_code == HTTPStatus.CONFLICT


def test_a_difference_to_other_code_than_was_proven_is_not_shown(member, fix):
    fix.content_hash = "d" * 64
    fix.save()

    body = member.get(address("fix-diff", fix.finding, fix.id), **HTMX).content.decode()

    assert "other code at this commit than was proven" in body
    assert "added</span>" not in body


@pytest.mark.parametrize("status", [FixStatus.REFUSED, FixStatus.PROPOSED, FixStatus.WITHDRAWN])
@pytest.mark.parametrize("name", ["fix-diff", "fix-patch"])
def test_what_is_not_proven_is_never_given_out(member, fix, status, name):
    fix.status, fix.reason = status, "still_fires"
    fix.save()

    response = member.get(address(name, fix.finding, fix.id))

    assert response.status_code == HTTPStatus.NOT_FOUND
    assert "db.run" not in response.content.decode()


def test_refused_attempts_say_why_and_show_no_code(member, fix):
    fix.status, fix.reason, fix.detail = FixStatus.REFUSED, "still_fires", "It still fires."
    fix.checks = [
        {"name": "applies", "ok": True, "detail": ""},
        {"name": "the rule no longer matches", "ok": False, "detail": "line 5"},
    ]
    fix.save()
    GuidanceFactory(finding=fix.finding)

    body = panel(member, fix.finding)

    assert "1 refused attempt" in body
    assert "Failed check: the rule no longer matches." in body
    assert "No fix could be proven, so none is shown." in body
    assert "db.run" not in body
    assert "Download" not in body


def test_a_fix_below_the_least_confidence_is_not_shown_and_says_so(member, fix):
    from llm.models import AssistantSettings, LeastConfidence

    AssistantSettings.objects.create(least_fix_confidence=LeastConfidence.HIGH)
    fix.confidence = 1
    fix.save()
    GuidanceFactory(finding=fix.finding)

    body = panel(member, fix.finding)

    assert "below what your organization asks for (high)" in body
    assert "Download" not in body


def test_regenerating_asks_the_model_anew(member, mel, real):
    response = member.post(address("regenerate", real), **HTMX)

    assert response.status_code == HTTPStatus.NO_CONTENT
    asked = AnalysisRequest.objects.get()
    assert (asked.finding_ids, asked.wanted, asked.is_fresh) == ([real.id], ["remedy"], True)
    assert asked.actor == mel


def test_what_is_being_written_is_not_asked_for_twice(member, real):
    StageRun.objects.create(finding=real, stage=Stage.REMEDY, scan=InstanceFactory().last_scan)

    response = member.post(address("regenerate", real), **HTMX)

    assert "being written already" in response.headers["HX-Trigger"]
    assert not AnalysisRequest.objects.exists()


def test_an_admins_word_is_kept_and_used_at_once(admin, real):
    response = admin.post(address("customize", real), {"text": " Use our vault client. "}, **HTMX)

    assert response.status_code == HTTPStatus.NO_CONTENT
    memory = Memory.objects.get()
    assert (memory.text, memory.stage) == ("Use our vault client.", MemoryStage.LIVE)
    assert (memory.project_id, memory.check_id) == (real.project_id, real.rule.check_id)
    assert AnalysisRequest.objects.get().is_fresh


def test_a_members_word_is_a_suggestion_and_the_page_says_so(member, real):
    body = panel(member, real)
    response = member.post(address("customize", real), {"text": "Use our vault client."}, **HTMX)

    assert "an admin must make it live" in body
    assert "once an admin" in response.headers["HX-Trigger"]
    assert Memory.objects.get().stage == MemoryStage.SUGGESTED
    assert not AnalysisRequest.objects.exists()


@pytest.mark.parametrize("text", ["", "   ", "a" * 2001])
def test_an_empty_or_endless_word_is_refused(admin, real, text):
    response = admin.post(address("customize", real), {"text": text}, **HTMX)

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert not Memory.objects.exists()


def test_without_scripts_a_form_leads_back_to_the_finding(member, real):
    response = member.post(address("regenerate", real))

    assert response.url == reverse("console:finding", args=["acme", real.id])


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("regenerate", {}),
        ("customize", {"text": "Use our vault client."}),
        ("rate-guidance", {"guidance": 1, "rating": "good"}),
        ("rate-fix", {"fix": 1, "rating": "good"}),
    ],
)
def test_a_read_only_member_may_do_none_of_it(reader, real, name, body):
    GuidanceFactory(finding=real)

    response = reader.post(address(name, real), body, **HTMX)

    assert response.status_code == HTTPStatus.FORBIDDEN
    assert "<form" not in panel(reader, real)


def test_a_rating_is_kept_and_shown_with_its_author(member, real):
    guidance = GuidanceFactory(finding=real)
    values = {"guidance": guidance.id, "rating": "bad", "note": "No such <module>."}

    response = member.post(address("rate-guidance", real), values, **HTMX)
    body = panel(member, real)

    assert response.status_code == HTTPStatus.NO_CONTENT
    assert "Mel: <q>No such &lt;module&gt;.</q>" in body
    assert body.count('aria-pressed="true"') == 1


def test_the_panel_stands_on_the_findings_page(member, real):
    GuidanceFactory(finding=real)
    InstanceFactory(finding=real)

    body = member.get(reverse("console:finding", args=["acme", real.id])).content.decode()

    assert "How to fix it" in body
    assert "Bind the value as a parameter." in body
