"""The Rules pages: the library, one rule, its versions, and importing."""

import datetime as dt
import io
import json
import re
import zipfile
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from findings.models import TriageState
from rules.models import Mode, PolicyRule, Rule, RuleImport, RuleSource, RuleVersion
from tenants.models import AuditEvent
from tests.factories import (
    FindingFactory,
    PolicyFactory,
    PolicyRuleFactory,
    PolicyRulesetFactory,
    ReportedRuleFactory,
    RuleFactory,
    RuleImportFactory,
    RulesetFactory,
    RulesetRuleFactory,
    RuleVersionFactory,
)

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def as_mel(client, mel):
    client.force_login(mel)
    return client


def address(name, *arguments):
    return reverse(f"console:{name}", args=["acme", *arguments])


def body(response):
    return " ".join(response.content.decode().split())


def paths_in(response):
    return re.findall(r'<small class="rule-path">([^<]+)<', body(response))


def a_rule(path, **facts):
    definition = {
        "id": path, "languages": ["python"], "severity": "HIGH", "message": f"{path} is bad",
        "pattern": "bad()", "metadata": {"cwe": ["CWE-79: XSS"], "confidence": "HIGH"},
    }  # fmt: skip
    return RuleFactory(path=path, definition=definition, **{"severity": "HIGH", **facts})


# --- The list ------------------------------------------------------------------------------------


@pytest.fixture
def library(acme):
    rules = {
        "a": a_rule("acme.a", languages=["go"], severity="ERROR"),
        "b": a_rule("acme.b", source=RuleSource.SHIPPED, severity="MEDIUM"),
        "c": a_rule("acme.c"),
        "gone": a_rule("acme.gone", deleted_at=NOW),
    }
    policy = PolicyFactory()
    PolicyRuleFactory(policy=policy, rule=rules["a"], mode=Mode.BLOCK)
    ruleset = RulesetFactory(slug="pack", name="Pack")
    for name in ("a", "b"):
        RulesetRuleFactory(ruleset=ruleset, rule=rules[name])
    PolicyRulesetFactory(policy=policy, ruleset=ruleset, mode=Mode.MONITOR)
    return rules


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("", ["acme.a", "acme.b", "acme.c"]),
        ("tab=deleted", ["acme.gone"]),
        ("text=.C+is+BAD", ["acme.c"]),
        ("source=shipped", ["acme.b"]),
        ("language=go", ["acme.a"]),
        ("severity=high", ["acme.a", "acme.c"]),
        ("mode=block", ["acme.a"]),
        ("mode=monitor", ["acme.b"]),
        ("mode=none", ["acme.c"]),
        ("ruleset=pack", ["acme.a", "acme.b"]),
        ("ruleset=pack&severity=medium", ["acme.b"]),
        ("after=acme.a", ["acme.b", "acme.c"]),
        ("mode=nonsense&severity=%00", ["acme.a", "acme.b", "acme.c"]),
        ("text=nothing", []),
    ],
)
def test_the_list_holds_what_the_address_asks_for(library, as_mel, query, paths):
    assert paths_in(as_mel.get(f"{address('rules')}?{query}")) == paths


def test_a_rule_is_listed_with_its_mode_open_findings_and_fix_rate(library, as_mel):
    reported = ReportedRuleFactory(check_id="acme.a")
    FindingFactory(rule=reported)
    FindingFactory(rule=reported, state="fixed")
    FindingFactory(rule=reported, state="removed")
    FindingFactory(rule=reported, triage_state=TriageState.IGNORED)

    page = body(as_mel.get(f"{address('rules')}?language=go"))

    assert '<span class="badge mode-block">Block</span>' in page
    assert f'href="{address("findings")}?rule=acme.a">1<span' in page
    assert '<span title="1 of 3 findings">33 %</span>' in page


def test_a_long_list_is_paged_by_id(acme, as_mel, django_assert_max_num_queries):
    for number in range(51):
        a_rule(f"acme.{number:02}")
    with django_assert_max_num_queries(20):
        first = as_mel.get(address("rules"))

    second = as_mel.get(f"{address('rules')}?after=acme.49")

    assert len(paths_in(first)) == 50
    assert 'rel="next" href="?after=acme.49"' in body(first)
    assert paths_in(second) == ["acme.50"]


def test_the_number_of_queries_does_not_grow_with_the_rules(
    library, as_mel, django_assert_num_queries
):
    with CaptureQueriesContext(connection) as few:
        as_mel.get(address("rules"))
    for number in range(30):
        a_rule(f"acme.more-{number}", languages=[f"language-{number}"])

    with django_assert_num_queries(len(few)):
        as_mel.get(address("rules"))


def test_an_empty_library_offers_the_shipped_rules_to_admins_alone(acme, client, ada, mel):
    client.force_login(mel)
    assert "An admin of Acme can add them." in body(client.get(address("rules")))
    client.force_login(ada)
    assert "Add the shipped rules" in body(client.get(address("rules")))


# --- One rule ------------------------------------------------------------------------------------


def test_a_rule_shows_its_text_its_policies_and_its_rulesets(library, as_mel):
    page = body(as_mel.get(address("rule", library["a"].id)))

    assert '<span class="l">acme.a</span>' in page or "acme.a" in page
    assert "CWE-79: XSS" in page
    assert "A mode of its own" in page
    assert ">Pack</a>" in page
    assert "It has no test." in page
    assert "Delete" not in page
    assert "Fork" not in page


def test_deleting_names_the_policies_that_lose_the_rule(library, as_ada):
    rule = library["a"]
    policy = PolicyRule.objects.get(rule=rule).policy
    asked = body(as_ada.get(address("rule", rule.id)))
    assert f"<li>{policy.name} (Block)</li>" in asked

    response = as_ada.post(address("delete-rule", rule.id))

    assert response.url == address("rules")
    assert not PolicyRule.objects.filter(rule=rule).exists()
    event = AuditEvent.objects.get(action="rules.deleted")
    assert event.before == {"policies": {policy.slug: "block"}, "rulesets": ["pack"]}
    assert "This rule was deleted" in body(as_ada.get(address("rule", rule.id)))
    as_ada.post(address("restore-rule", rule.id))
    assert Rule.objects.get(pk=rule.pk).deleted_at is None


def test_a_fork_is_opened(library, as_ada):
    response = as_ada.post(address("fork-rule", library["b"].id))

    fork = Rule.objects.get(path="acme.b-fork")
    assert response.url == address("rule", fork.id)
    page = body(as_ada.get(response.url))
    assert f'<a href="{address("rule", library["b"].id)}">acme.b</a>' in page


def test_a_version_shows_what_it_changed(acme, as_ada, ada):
    rule = a_rule("acme.a", version=3)
    for number, text in enumerate(["rules: [one]\n", "rules: [two]\n", "rules: [three]\n"], 1):
        RuleVersionFactory(rule=rule, number=number, text=text, author=ada, note=f"Note {number}")

    page = body(as_ada.get(address("rule-version", rule.id, 2)))
    assert "Note 2" in page
    assert "1 added, 1 removed" in page
    assert "Restore this version" in page
    against = body(as_ada.get(address("rule-version", rule.id, 3) + "?against=1"))
    assert "Restore this version" not in against
    assert "[one]" in re.sub("<[^>]+>", "", against)

    as_ada.post(address("restore-rule-version", rule.id, 1))

    rule.refresh_from_db()
    assert (rule.version, rule.text) == (4, "rules: [one]\n")
    assert RuleVersion.objects.get(rule=rule, number=4).note == "Version 1 restored"


def test_a_version_that_is_not_there_is_not_found(acme, as_mel):
    rule = a_rule("acme.a")

    assert as_mel.get(address("rule-version", rule.id, 9)).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "name", ["fork-rule", "delete-rule", "restore-rule", "import-rules", "add-shipped"]
)
def test_members_change_nothing(library, as_mel, name):
    arguments = [library["a"].id] if name.endswith("-rule") else []

    response = as_mel.post(address(name, *arguments))

    assert response.status_code == HTTPStatus.FORBIDDEN
    assert Rule.objects.count() == 4
    assert not RuleImport.objects.exists()


# --- Importing -----------------------------------------------------------------------------------

RULE = b"rules:\n- {id: acme.x, languages: [python], severity: LOW, message: m, pattern: x()}\n"


def an_archive(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return SimpleUploadedFile("rules.zip", stream.getvalue())


def test_an_archive_waits_for_a_worker(acme, as_ada):
    policy = PolicyFactory(name="Payments")
    form = {
        "files": an_archive(**{"r/x.yml": RULE, "r/x.py": b"x()", "README.md": b"read"}),
        "ruleset": "Ours", "source": "community", "policy": policy.id, "mode": "block",
    }  # fmt: skip

    response = as_ada.post(address("import-rules"), form)

    wanted = RuleImport.objects.get()
    assert response.url == address("rule-import", wanted.id)
    assert (wanted.name, wanted.ruleset_name, wanted.policy, wanted.mode, wanted.source) == (
        "rules.zip", "Ours", policy, "block", "community",
    )  # fmt: skip
    assert wanted.files == [{"name": "r/x.yml", "text": RULE.decode(), "tests": {"x.py": "x()"}}]
    assert wanted.skipped == 1
    page = body(as_ada.get(response.url))
    assert "Waiting for a worker" in page
    assert "hx-get" in page


def test_the_files_of_a_folder_keep_their_places(acme, as_ada):
    files = [SimpleUploadedFile("x.yml", RULE), SimpleUploadedFile("x.yml", RULE)]
    form = {"folder": files, "ruleset": "Ours", "source": "custom", "mode": "monitor"}

    as_ada.post(address("import-rules"), form | {"paths": json.dumps(["r/a/x.yml", "r/b/x.yml"])})

    wanted = RuleImport.objects.get()
    assert wanted.name == "r"
    assert [file["name"] for file in wanted.files] == ["r/a/x.yml", "r/b/x.yml"]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"ruleset": "Ours"}, "there is no .yml or .yaml file"),
        ({"ruleset": ""}, "Name the ruleset that they go to."),
        ({"ruleset": "Shipped"}, "Shipped is the name of our own pack"),
        ({"ruleset": "Ours", "files": b"PK\x03\x04 nonsense"}, "not a zip or tar.gz archive"),
    ],
)
def test_what_is_wrong_with_an_import_is_said_at_its_field(acme, as_ada, form, said):
    if "files" in form:
        form = form | {"files": SimpleUploadedFile("rules.zip", form["files"])}
    response = as_ada.post(address("import-rules"), {"source": "custom", "mode": "monitor", **form})

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in body(response)
    assert not RuleImport.objects.exists()


def test_the_shipped_pack_goes_to_the_default_policy_the_first_time_alone(acme, as_ada):
    as_ada.post(address("add-shipped"))
    first = RuleImport.objects.get()
    assert (first.policy.is_default, first.mode, first.ruleset_name) == (True, "monitor", "Shipped")
    assert len(first.files) >= 28
    assert all(file["tests"] for file in first.files)
    first.delete()
    RulesetFactory(source=RuleSource.SHIPPED)

    as_ada.post(address("add-shipped"))

    assert RuleImport.objects.get().policy is None


def test_the_report_says_what_came_in_and_what_was_refused_and_why(acme, as_ada):
    report = {
        "imported": ["acme.a"], "updated": [], "unchanged": ["acme.b"], "refused_count": 700,
        "refused": [{"place": "r/<x>.yml:3", "rule_id": "acme.x", "reason": "mode: no"}],
    }  # fmt: skip
    wanted = RuleImportFactory(status="done", report=report)

    page = body(as_ada.get(address("rule-import", wanted.id)))

    assert "hx-get" not in page
    assert "<code>r/&lt;x&gt;.yml:3</code> <strong>acme.x</strong>" in page
    assert "Mode: no" in page
    assert "… and 699 more." in page
    failed = RuleImportFactory(status="failed", error="There is no scanner.")
    assert "Nothing was imported. There is no scanner." in body(
        as_ada.get(address("rule-import", failed.id))
    )
