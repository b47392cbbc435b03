"""Guidance, fixes and memories on the running platform, with a model's server that we script."""

import json
from dataclasses import dataclass

import pytest

from tests.model_server import ModelServer, answers
from tests.story.platform import ADMIN, Checkout, plain_git, scan

pytestmark = [pytest.mark.live, pytest.mark.semgrep]

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
CONNECT = """\
import os

from acme_vault import vault


def connect(database):
    password = os.environ["DATABASE_PASSWORD"]
    return database.connect(password, vault.name)
"""
EVAL = "def calculate(request):\n    return eval(request.args['formula'])\n"
MEMORY = "Read passwords with our vault client: vault.read(name)."
BY_FILE = 'open("/run/secrets/database").read()'
BY_VAULT = 'vault.read("DATABASE_PASSWORD")'
SUPPRESSED = "    return eval(request.args['formula'])  # nosemgrep\n"
RENAMED = "    return eval(request.args['other'])\n"
PAGES = """
import json
from django.test import Client
from django.urls import reverse
from tenants.models import User
client = Client(HTTP_HOST={host!r}, HTTP_HX_REQUEST="true")
client.force_login(User.objects.get(email={email!r}))
address = reverse({name!r}, args=[{slug!r}, {finding}])
response = client.post(address, {data!r}) if {data!r} else client.get(address)
print(json.dumps([response.status_code, response.content.decode()]))
"""


def judged():
    return {
        "verdict": "true_positive",
        "confidence": 0.9,
        "reason": "The value is read where every child process can read it as well.",
        "quotes": [],
        "component": None,
    }


def fix(search, replace):
    return {"edits": [{"search": search, "replace": replace}], "confidence": "high"}


def reply(request):
    """Answer as a model would that reads the notes it is given."""
    system, user = (message["content"] for message in request["messages"][:2])
    if system.startswith("You judge findings"):
        return answers(judged())
    is_retry = "Edits that were proposed" in system
    if "eval(request.args['formula'])" in user:
        line = EVAL.splitlines(keepends=True)[1]
        fixes = [fix(line, RENAMED if is_retry else SUPPRESSED)]
        guidance = ("Parse the formula", "1. Parse `formula` in `calculate`.")
    else:
        call = BY_VAULT if MEMORY in user else BY_FILE
        fixes = [fix('os.environ["DATABASE_PASSWORD"]', call)]
        guidance = (f"Read the password by {call[:10]}", f"1. Write `{call}` in `connect`.")
    if is_retry:
        return answers({"fixes": fixes})
    return answers({"summary": guidance[0], "instructions": guidance[1], "fixes": fixes})


@dataclass
class Scene:
    platform: object
    tenant: object
    model: ModelServer

    def finding(self, rule, project):
        """The API's row of the one finding of a rule in a project."""
        (row,) = (
            row
            for row in self.platform.findings(self.tenant)
            if row["rule_name"].endswith(rule) and row["repository"]["name"] == project
        )
        return row

    def assistant(self, rule, project):
        return self.finding(rule, project).get("assistant", {})

    def questions(self, start, text):
        """What the model was told, where its instructions and the material hold these words."""
        return [
            request["messages"][1]["content"]
            for request in self.model.requests
            if start in request["messages"][0]["content"]
            and text in request["messages"][1]["content"]
        ]

    def page(self, name, finding, data=None):
        script = PAGES.format(
            host=self.platform.url.removeprefix("http://"),
            email=ADMIN["email"],
            name=name,
            slug=self.tenant.slug,
            finding=finding["id"],
            data=data,
        )
        status, body = json.loads(
            self.platform.manage("shell", "-v0", "-c", script).splitlines()[-1]
        )
        assert status < 300, body
        return body


@pytest.fixture(scope="module")
def scene(tmp_path_factory, model, model_platform):
    """Two projects with the same code, scanned and analyzed by a model."""
    model.default = reply
    platform = model_platform
    tenant = platform.create_tenant("acme")
    folder = tmp_path_factory.mktemp("remedies")
    (folder / "rules.yml").write_text(RULES)
    platform.manage(
        "import_rules",
        str(folder / "rules.yml"),
        *("--organization", "acme", "--mode", "monitor"),
    )
    scene = Scene(platform=platform, tenant=tenant, model=model)
    scan_project(scene, folder, "acme/shop", {"app/db.py": CONNECT, "app/calc.py": EVAL})
    scan_project(scene, folder, "acme/office", {"app/db.py": CONNECT})
    return scene


def scan_project(scene, folder, project, files):
    checkout = Checkout.create(folder / project.replace("/", "-"), files)
    scene.platform.manage(
        "connect_local",
        *("--organization", scene.tenant.slug, "--project", project),
        *("--path", str(checkout.path)),
    )
    environment = {**plain_git("main"), "SEMGREP_REPO_NAME": project}
    code, output = scan(scene.platform, checkout, scene.tenant.ci_token, extra=environment)
    assert code == 0, output


def test_a_fix_of_a_model_is_proven_before_it_is_shown(scene):
    scene.platform.wait_for(
        lambda: "autofix" in scene.assistant("password-in-environment", "acme/shop"),
        what="proven fix",
    )

    assistant = scene.assistant("password-in-environment", "acme/shop")
    page = scene.page(
        "remediation:remedy-panel", scene.finding("password-in-environment", "acme/shop")
    )

    assert assistant["autotriage"]["verdict"] == "true_positive"
    assert BY_FILE in assistant["guidance"]["instructions"]
    assert BY_FILE in assistant["autofix"]["fix_code"]
    assert "Rule no longer fires" in page


def test_a_refused_fix_goes_back_once_with_its_failure_and_is_never_shown(scene):
    retry = "Edits that were proposed"
    scene.platform.wait_for(
        lambda: len(scene.questions(retry, "eval(request")) == 1, what="second question"
    )
    finding = scene.finding("eval", "acme/shop")
    page = scene.platform.wait_for(
        lambda: told_refused(scene.page("remediation:remedy-panel", finding)), what="refusal"
    )

    (question,) = scene.questions(retry, "eval(request")
    assert '"refused": "suppression"' in question
    assert "autofix" not in scene.assistant("eval", "acme/shop")
    assert "guidance" in scene.assistant("eval", "acme/shop")
    assert "Second try." in page
    assert "nosemgrep" not in page
    assert "args[" not in page


def told_refused(page):
    """The page, once it tells of two refused attempts."""
    return page if page.count("<strong>Refused.</strong>") == 2 else None


def test_a_memory_changes_the_next_fix_in_its_project_alone(scene):
    rule = "password-in-environment"
    for project in ("acme/shop", "acme/office"):
        scene.platform.wait_for(
            lambda project=project: "autofix" in scene.assistant(rule, project), what="fix"
        )
    shop, office = scene.finding(rule, "acme/shop"), scene.finding(rule, "acme/office")

    scene.page("remediation:customize", shop, {"text": MEMORY})
    scene.page("remediation:regenerate", office, {"again": "1"})
    scene.platform.wait_for(
        lambda: (
            BY_VAULT in scene.assistant(rule, "acme/shop").get("autofix", {}).get("fix_code", "")
        ),
        what="fix by the vault client",
    )
    asked = scene.platform.wait_for(
        lambda: two_or_more(scene.questions("You help developers", "app/db.py")), what="questions"
    )

    assert BY_VAULT in scene.assistant(rule, "acme/shop")["guidance"]["instructions"]
    assert MEMORY in scene.page("remediation:remedy-panel", shop)
    assert MEMORY not in scene.page("remediation:remedy-panel", office)
    assert BY_FILE in scene.assistant(rule, "acme/office")["guidance"]["instructions"]
    assert sum(MEMORY in question for question in asked) == 1


def two_or_more(questions):
    return questions if len(questions) >= 3 else None
