"""From a scan to a decision in Slack: two verdicts, one agreed with, one not."""

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass

import pytest

from tests.model_server import answers
from tests.story.platform import ADMIN, Checkout, github_pull_request, plain_git, scan

pytestmark = [pytest.mark.live, pytest.mark.semgrep]

BRANCH = "feature/sizes"
RULES = """
rules:
  - id: story.python.eval
    languages: [python]
    severity: ERROR
    message: eval runs $X as code
    pattern: eval($X)
    metadata: {category: security, confidence: HIGH, cwe: ["CWE-95: Eval Injection"]}
"""
GUARDED = """\
SIZES = {{"small": "1", "large": "2"}}


def {name}(request):
    text = request.args["{name}"]
    if text not in SIZES.values():
        raise ValueError(text)
    return eval(text)
"""
GUARD = "if text not in SIZES.values():"
NOTE = "Our sizes come from a file that customers can upload."
INSTALL = """
import json
from integrations.webhooks import endpoint_url
from tenants.models import Organization, User
from tenants.scope import organization_scope
from tests.slack_server.rows import a_channel, a_workspace, an_account
with organization_scope(Organization.objects.get(slug={slug!r}).id):
    workspace = a_workspace()
    member = User.objects.get(email={email!r}).memberships.get()
    an_account(workspace=workspace, person=member.user)
    a_channel(workspace=workspace)
    print(json.dumps(endpoint_url(workspace.endpoint)))
"""
LOOK = """
import json
from findings.models import Activity, ActivityKind, Finding
from memories.models import Memory
from tenants.models import Organization
from tenants.scope import organization_scope
with organization_scope(Organization.objects.get(slug={slug!r}).id):
    triage = Activity.objects.filter(kind=ActivityKind.TRIAGE)
    print(json.dumps({{
        "statuses": dict(Finding.objects.values_list("file__path", "status")),
        "activity": list(triage.values_list("actor__email", "door")),
        "memories": list(Memory.objects.values_list("stage", "text")),
    }}))
"""


def reply(request):
    """Answer as a model would that takes the guard for one."""
    system = request["messages"][0]["content"]
    if system.startswith("You judge findings"):
        return answers(
            {
                "verdict": "false_positive",
                "confidence": 0.9,
                "reason": "Only one of two fixed numbers gets there.",
                "quotes": [{"text": GUARD}],
                "component": None,
            }
        )
    return answers({"summary": "Nothing", "instructions": "1. Nothing.", "fixes": []})


@dataclass
class Scene:
    platform: object
    tenant: object
    checkout: Checkout
    slack: object
    door: str

    def asked(self, path):
        """Return the message that asks about a file, once it stands in the channel."""

        def look():
            told = [one for one in self.slack.messages if path in json.dumps(one["blocks"])]
            return next((one for one in told if "'action_id': 'agree'" in str(one["blocks"])), None)

        return self.platform.wait_for(look, what=f"a question about {path}")

    def wait_for_words(self, message, words):
        self.platform.wait_for(
            lambda: words in json.dumps(message["blocks"]), what=f"{words!r} in the message"
        )

    def send(self, body):
        """Call the platform's door as Slack does."""
        headers = {
            **self.slack.signed(body.decode()),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        request = urllib.request.Request(self.door, data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            assert response.status == 200

    def press(self, action, message):
        place = next(
            place for place, one in enumerate(self.slack.messages) if one["ts"] == message["ts"]
        )
        self.send(self.slack.pressed(action, message=place))

    def look(self):
        look = LOOK.format(slug=self.tenant.slug)
        return json.loads(self.platform.manage("shell", "-v0", "-c", look).splitlines()[-1])


@pytest.fixture
def scene(model, model_platform, slack, tmp_path):
    model.default = reply
    tenant = model_platform.create_tenant("acme-slack")
    rules = tmp_path / "rules.yml"
    rules.write_text(RULES)
    model_platform.manage(
        "import_rules", str(rules), "--organization", tenant.slug, "--mode", "comment"
    )
    checkout = Checkout.create(tmp_path, {"app/total.py": "def total(prices):\n    return 0\n"})
    model_platform.manage(
        "connect_local",
        *("--organization", tenant.slug, "--project", "acme/shop", "--path", str(checkout.path)),
    )
    install = INSTALL.format(slug=tenant.slug, email=ADMIN["email"])
    told = model_platform.manage("shell", "-v0", "-c", install).splitlines()[-1]
    door = urllib.parse.urlsplit(json.loads(told))
    return Scene(
        platform=model_platform,
        tenant=tenant,
        checkout=checkout,
        slack=slack,
        door=f"{model_platform.url}{door.path}",
    )


def test_a_team_decides_in_slack(scene):
    platform, token = scene.platform, scene.tenant.ci_token
    code, output = scan(platform, scene.checkout, token, extra=plain_git("main"))
    assert code == 0, output
    scene.checkout.git("switch", "-q", "-c", BRANCH)
    head = scene.checkout.commit(
        {f"app/{name}.py": GUARDED.format(name=name) for name in ("width", "height")}
    )
    change = github_pull_request(scene.checkout, branch=BRANCH, head=head, number=7)
    code, output = scan(platform, scene.checkout, token, extra=change)
    assert code == 0, output

    width, height = scene.asked("app/width.py"), scene.asked("app/height.py")
    assert "Only one of two fixed numbers gets there." in json.dumps(width["blocks"])

    scene.press("agree", width)
    scene.wait_for_words(width, "Ignored by")
    assert scene.look()["statuses"] == {"app/width.py": "ignored", "app/height.py": "open"}
    assert scene.look()["activity"] == [[ADMIN["email"], "slack"]]
    assert "'action_id': 'agree'" not in str(width["blocks"])

    scene.press("disagree", height)
    scene.send(scene.slack.filled({"note": NOTE}))
    platform.wait_for(lambda: scene.look()["memories"], what="a suggested memory")
    assert scene.look()["memories"] == [["suggested", NOTE]]
    assert scene.look()["statuses"]["app/height.py"] == "open"
    assert scene.slack.complaints == []
