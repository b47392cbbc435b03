"""A change request from its scan to its merge, at both code hosts, with a model's server."""

import contextlib
import json
import re
from dataclasses import dataclass

import pytest

from tests.model_server import answers
from tests.story.code_hosts import BOT, NAME, AtGitHub, AtGitLab
from tests.story.platform import Checkout, scan

pytestmark = [pytest.mark.live, pytest.mark.semgrep]

BRANCH = "feature/gift-cards"
RULES = """
rules:
  - id: story.python.password-in-environment
    languages: [python]
    severity: ERROR
    message: Every child process can read $NAME. Read it where only this process can.
    pattern: os.environ[$NAME]
    metadata: {category: security, confidence: HIGH, cwe: ["CWE-526: Environment"]}
  - id: story.python.eval
    languages: [python]
    severity: ERROR
    message: eval runs $X as code
    pattern: eval($X)
    metadata: {category: security, confidence: HIGH, cwe: ["CWE-95: Eval Injection"]}
"""
MAIN = "def total(prices):\n    return sum(prices)\n"
CONNECT = """\
import os


def connect(database):
    password = os.environ["DATABASE_PASSWORD"]
    return database.connect(password)
"""
BY_FILE = 'open("/run/secrets/database").read()'
SIZES = """\
SIZES = {"small": "1", "large": "2"}


def size(request):
    text = request.args["size"]
    if text not in SIZES.values():
        raise ValueError(text)
    return eval(text)
"""
GUARD = "if text not in SIZES.values():"
NOTE = "Sizes are checked against our own list of numbers first."


def reply(request):
    """Answer as a model would: one finding is real, the other is guarded."""
    system, user = (message["content"] for message in request["messages"][:2])
    if system.startswith("You judge findings"):
        is_guarded = "return eval(text)" in user
        return answers(
            {
                "verdict": "false_positive" if is_guarded else "true_positive",
                "confidence": 0.9,
                "reason": "Only one of two fixed numbers gets there."
                if is_guarded
                else "The value is read where every child process can read it as well.",
                "quotes": [{"text": GUARD}] if is_guarded else [],
                "component": None,
            }
        )
    fixes = [
        {
            "edits": [{"search": 'os.environ["DATABASE_PASSWORD"]', "replace": BY_FILE}],
            "confidence": "high",
        }
    ]
    return answers(
        {
            "summary": "Read the password from the file that only this process may read",
            "instructions": f"1. Write `{BY_FILE}` in `connect`.",
            "fixes": [] if "return eval(text)" in user else fixes,
        }
    )


CONNECT_HOST = """
from django.utils import timezone
from integrations.checking import check_connection
from integrations.connections import TokenConnection, connect_by_token
from integrations.imports import import_repositories
from integrations.models import ConnectionKind
from integrations.webhooks import endpoint_secret, endpoint_url
from tenants.audit import Actor
from tenants.models import Organization
from tenants.scope import organization_scope
with organization_scope(Organization.objects.get(slug={slug!r}).id):
    actor, now = Actor.platform(), timezone.now()
    wanted = TokenConnection(
        kind=ConnectionKind({kind!r}), name="Story", base_url={url!r}, ca_bundle="", token={token!r}
    )
    connection = connect_by_token(wanted=wanted, actor=actor)
    connection = check_connection(connection_id=connection.id, now=now)
    assert connection.state == "working", (connection.state_detail, connection.checks)
    import_repositories(
        connection_id=connection.id, full_names=[{name!r}], tags=[], actor=actor, now=now
    )
"""
LOOK = """
import json
from findings.models import ChangeRequest
from memories.models import Memory
from notifications.models import Review, ReviewComment
from tenants.models import Organization
from tenants.scope import organization_scope
with organization_scope(Organization.objects.get(slug={slug!r}).id):
    print(json.dumps({{
        "memories": list(Memory.objects.values_list("stage", "text", "source")),
        "states": list(ChangeRequest.objects.values_list("number", "state")),
        "reviews": list(Review.objects.values_list("status", "obstacle", "error")),
        "comments": list(ReviewComment.objects.order_by("key").values_list("kind", "state")),
    }}))
"""


@dataclass
class Scene:
    platform: object
    tenant: object
    checkout: Checkout
    host: object

    def scan_change(self, number):
        """Scan the branch as the code host has it, as its CI job does."""
        self.checkout.git("fetch", "-q", "origin")
        self.checkout.git("switch", "-q", "-C", BRANCH, f"origin/{BRANCH}")
        head = self.checkout.git("rev-parse", "HEAD")
        extra = self.host.scan_change(self.checkout, branch=BRANCH, head=head, number=number)
        code, output = scan(self.platform, self.checkout, self.tenant.ci_token, extra=extra)
        assert code == 0, output
        return head

    def ours(self, number):
        """Our own comments that speak of findings, by file."""
        found = {}
        for one in self.host.comments(number):
            if one.author == BOT and "<!-- assay:finding-" in one.body:
                assert one.path not in found, "more than one comment a finding"
                found[one.path] = one
        return found

    def wait_for_comment(self, number, path, text):
        def look():
            one = self.ours(number).get(path)
            return one if one and re.search(text, one.body) else None

        try:
            return self.platform.wait_for(look, what=f"{text!r} at {path}")
        except AssertionError as error:
            raise AssertionError(f"{error} {self.ours(number)} {self.look()}") from None

    def statuses(self):
        rows = self.platform.findings(self.tenant)
        return {row["location"]["file_path"]: row["status"] for row in rows}

    def look(self):
        look = LOOK.format(slug=self.tenant.slug)
        return json.loads(self.platform.manage("shell", "-v0", "-c", look).splitlines()[-1])


@pytest.fixture(scope="module")
def platform(model, model_platform):
    model.default = reply
    return model_platform


@pytest.fixture(params=[AtGitHub, AtGitLab], ids=["github", "gitlab"])
def scene(request, platform, tmp_path):
    checkout = Checkout.create(tmp_path, {"app/total.py": MAIN})
    rules = tmp_path / "rules.yml"
    rules.write_text(RULES)
    with contextlib.closing(request.param(tmp_path / "origin.git")) as host:
        tenant = platform.create_tenant(f"acme-{host.kind}")
        platform.manage(
            "import_rules", str(rules), "--organization", tenant.slug, "--mode", "comment"
        )
        connect = CONNECT_HOST.format(
            slug=tenant.slug, kind=host.kind, url=host.server.url, token=host.token, name=NAME
        )
        platform.manage("shell", "-v0", "-c", connect)
        yield Scene(platform=platform, tenant=tenant, checkout=checkout, host=host)


def test_a_change_request_from_scan_to_merge(scene):
    host = scene.host
    main = scene.checkout.git("rev-parse", "HEAD")
    code, output = scan(
        scene.platform, scene.checkout, scene.tenant.ci_token, extra=host.scan_main(main)
    )
    assert code == 0, output
    host.push(BRANCH, {"app/connect.py": CONNECT, "app/sizes.py": SIZES}, base="main")
    number = host.open_change_request(BRANCH)

    head = scene.scan_change(number)
    real = scene.wait_for_comment(number, "app/connect.py", "```suggestion")
    guarded = scene.wait_for_comment(number, "app/sizes.py", "may be safe to ignore")

    assert (real.line, guarded.line) == (5, 8)
    assert f"    password = {BY_FILE}" in real.body
    assert "Read the password from the file" in real.body
    assert "Only one of two fixed numbers gets there." in guarded.body
    assert "```suggestion" not in guarded.body
    assert len(host.comments(number)) == 2
    scene.platform.wait_for(lambda: host.statuses(head)[-1:] == ["success"], what="the status")
    assert host.notifications(number) == 1

    answers_given = host.reply(number, guarded, "mel", f"/semgrep assistant agree {NOTE}")
    assert set(answers_given) <= {200, 202}
    scene.wait_for_comment(number, "app/sizes.py", "(?i)ignored")
    assert scene.statuses() == {"app/connect.py": "open", "app/sizes.py": "ignored"}
    told = scene.look()
    assert told["memories"] == [["suggested", NOTE, "comment"]]
    (answer,) = [one for one in host.comments(number) if "<!-- assay:answer-" in one.body]
    assert answer.author == BOT

    host.reply(number, real, "eve", "/fp I do not like it")
    refused = scene.platform.wait_for(
        lambda: [one for one in host.comments(number) if "<!-- assay:answer-" in one.body][1:],
        what="a refusal",
    )
    assert len(refused) == 1
    assert scene.statuses()["app/connect.py"] == "open"

    fixed = CONNECT.replace('os.environ["DATABASE_PASSWORD"]', BY_FILE).replace(
        "import os\n\n\n", ""
    )
    host.push(BRANCH, {"app/connect.py": fixed})
    scene.scan_change(number)
    scene.wait_for_comment(number, "app/connect.py", "(?i)fixed")
    assert len(scene.ours(number)) == 2

    host.merge(number)
    scene.platform.wait_for(
        lambda: scene.look()["states"] == [[number, "merged"]], what="the merge"
    )
    last = scene.look()
    assert last["comments"] == [["finding", "posted"], ["finding", "posted"]]
    assert last["reviews"][0][1:] == ["", ""]
