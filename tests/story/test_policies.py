"""A rule from the editor to the exit code of `semgrep ci`, and paths that scans leave out."""

import pytest

from tests.story.platform import Checkout, plain_git, scan
from tests.story.visitor import Visitor

pytestmark = [pytest.mark.live, pytest.mark.semgrep]

RULE = """rules:
  - id: acme.no-pickle
    languages: [python]
    severity: ERROR
    message: pickle runs what it reads
    pattern: pickle.loads(...)
    metadata: {category: security, confidence: HIGH}
"""
TESTS = """import pickle

# ruleid: acme.no-pickle
pickle.loads(data)
# ok: acme.no-pickle
json.loads(data)
"""
CODE = "import pickle\n\n\ndef read(request):\n    return pickle.loads(request.body)\n"


@pytest.fixture(scope="module")
def platform(offline_platform):
    return offline_platform


def places(platform, tenant):
    return [
        (row["rule_name"], row["location"]["file_path"], row["status"])
        for row in platform.findings(tenant)
    ]


def test_a_saved_rule_that_blocks_fires_but_not_in_paths_that_are_left_out(platform, tmp_path):
    tenant = platform.create_tenant("acme-policies")
    ada = Visitor(platform, tenant)
    checkout = Checkout.create(tmp_path, {"app/load.py": CODE, "legacy/load.py": CODE})
    ada.send("rules/editor", "rules/editor/save", text=RULE, test_code=TESTS)
    made = ada.send("policies", "policies/new", name="Strict")
    (policy,) = platform.api(tenant, "/policies")["policies"]
    rules = f"policies/{policy['id']}?mode=none"
    rule_id = ada.first_id(rules, r'name="rule"\s+value="(\d+)"')
    change = {"rule": rule_id, "mode": "block"}
    previewed = ada.send(rules, f"policies/{policy['id']}/modes", **change)
    ada.send(rules, f"policies/{policy['id']}/modes", **change, confirmed="1")
    ada.send("settings/ignored-paths", "settings/ignored-paths", path_ignores="legacy/\n")

    blocked, output = scan(platform, checkout, tenant.ci_token, extra=plain_git("main"))

    assert "Strict" in made
    assert "No scan was read yet" in previewed
    assert blocked == 1, output
    assert places(platform, tenant) == [("acme.no-pickle", "app/load.py", "open")]
    previewed = ada.send(
        f"policies/{policy['id']}", f"policies/{policy['id']}/modes", rule=rule_id, mode="monitor"
    )
    assert "0 of the last 1 scan</strong>" in previewed
    project = ada.first_id("projects", r"/projects/(\d+)")
    ada.send(
        f"projects/{project}/ignored-paths",
        f"projects/{project}/ignored-paths",
        path_ignores="/app/*.py\n",
    )

    passed, output = scan(platform, checkout, tenant.ci_token, extra=plain_git("main"))

    assert passed == 0, output
    assert places(platform, tenant) == []
