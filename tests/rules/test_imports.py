"""Importing rule files: all of them, or nothing."""

import datetime as dt

import pytest

from core.errors import InvalidInputError
from integrations.semgrep.sandbox import ScannerMissingError
from rules.candidates import Refusal
from rules.imports import ImportReport, RulesRefusedError, import_rules
from rules.models import Mode, Policy, PolicyRule, Rule, RuleSource
from rules.policies import rules_for_scan
from tenants.audit import Actor
from tenants.models import AuditEvent, Door
from tenants.scope import organization_scope
from tests.factories import PolicyFactory, PolicyRuleFactory, ProjectFactory, RuleFactory

ACTOR = Actor(door=Door.COMMAND, label="Operator")
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)


def a_rule(rule_id, message="eval runs text as code"):
    return (
        f"- id: {rule_id}\n  languages: [python, go]\n  severity: HIGH\n"
        f"  message: {message}\n  pattern: eval(...)\n  metadata: {{cwe: CWE-95}}\n"
    )


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a file of rules."""

    def file(*rules, name="rules.yml"):
        path = tmp_path / name
        path.write_text("rules:\n" + "".join(rules))
        return path

    return file


def load(*files, mode=Mode.MONITOR, now=NOW):
    return import_rules(files=files, mode=mode, actor=ACTOR, now=now)


def refusals(*files):
    with pytest.raises(RulesRefusedError) as refusal:
        load(*files)
    return refusal.value.report.refused


def nothing_is_stored():
    return not (
        Rule.objects.exists()
        or Policy.objects.exists()
        or PolicyRule.objects.exists()
        or AuditEvent.objects.exists()
    )


def test_the_first_import_makes_the_default_policy(acme, scanner, file):
    report = load(file(a_rule("acme.b"), a_rule("acme.a")), mode=Mode.COMMENT)

    assert report == ImportReport(mode=Mode.COMMENT, imported=("acme.b", "acme.a"))
    policy = Policy.objects.get()
    assert (policy.name, policy.slug, policy.is_default) == ("Default", "default", True)
    entries = PolicyRule.objects.order_by("rule__path").values_list("rule__path", "mode")
    assert list(entries) == [("acme.a", "comment"), ("acme.b", "comment")]


def test_a_rule_is_stored_with_what_lists_show_of_it(acme, scanner, file):
    load(file(a_rule("acme.a")))

    rule = Rule.objects.get()
    assert rule.definition == {
        "id": "acme.a",
        "languages": ["python", "go"],
        "severity": "HIGH",
        "message": "eval runs text as code",
        "pattern": "eval(...)",
        "metadata": {"cwe": "CWE-95"},
    }
    assert (rule.path, rule.languages, rule.severity) == ("acme.a", ["python", "go"], "HIGH")
    assert (rule.source, rule.created_at, rule.updated_at) == ("custom", NOW, NOW)
    assert len(rule.content_hash) == 64


def test_what_was_imported_is_served(acme, scanner, file):
    load(file(a_rule("acme.a")), mode=Mode.BLOCK)

    served = rules_for_scan(project=ProjectFactory(), products=["sast"])

    assert served.modes == {"acme.a": Mode.BLOCK}
    assert served.definitions[0]["metadata"]["cwe"] == "CWE-95"


def test_the_same_files_again_change_nothing_and_need_no_scanner(acme, scanner, file):
    rules = file(a_rule("acme.a"), a_rule("acme.b"))
    load(rules)
    scanner.write_text("")

    report = load(rules, now=LATER)

    assert report == ImportReport(mode=Mode.MONITOR, unchanged=("acme.a", "acme.b"))
    assert set(Rule.objects.values_list("updated_at", flat=True)) == {NOW}
    assert AuditEvent.objects.count() == 1
    assert scanner.read_text() == ""


def test_a_changed_rule_is_updated_in_place_and_only_it_is_tried_again(acme, scanner, file):
    load(file(a_rule("acme.a"), a_rule("acme.b")))
    before = {rule.path: rule for rule in Rule.objects.all()}
    scanner.write_text("")

    report = load(file(a_rule("acme.a", message="never call eval"), a_rule("acme.b")), now=LATER)

    assert report == ImportReport(mode=Mode.MONITOR, updated=("acme.a",), unchanged=("acme.b",))
    rule = Rule.objects.get(path="acme.a")
    assert rule.id == before["acme.a"].id
    assert rule.definition["message"] == "never call eval"
    assert rule.content_hash != before["acme.a"].content_hash
    assert (rule.created_at, rule.updated_at) == (NOW, LATER)
    assert Rule.objects.get(path="acme.b").updated_at == NOW
    assert "acme.b" not in scanner.read_text()


def test_rules_that_the_files_do_not_name_stay(acme, scanner, file):
    load(file(a_rule("acme.a")), mode=Mode.BLOCK)

    load(file(a_rule("acme.b")))

    entries = PolicyRule.objects.order_by("rule__path").values_list("rule__path", "mode")
    assert list(entries) == [("acme.a", "block"), ("acme.b", "monitor")]


def test_another_mode_is_told_and_audited(acme, scanner, file):
    rules = file(a_rule("acme.a"), a_rule("acme.b"))
    load(rules)

    report = load(rules, mode=Mode.BLOCK, now=LATER)

    assert report == ImportReport(
        mode=Mode.BLOCK, unchanged=("acme.a", "acme.b"), mode_changed=("acme.a", "acme.b")
    )
    assert set(PolicyRule.objects.values_list("mode", flat=True)) == {"block"}
    assert set(Rule.objects.values_list("updated_at", flat=True)) == {NOW}
    assert AuditEvent.objects.latest("id").after["counts"] == {
        "imported": 0,
        "updated": 0,
        "mode_changed": 2,
    }


def test_an_import_is_audited(acme, scanner, file):
    load(file(a_rule("acme.a")), mode=Mode.BLOCK)

    event = AuditEvent.objects.get()
    assert (event.action, event.object_label, event.door) == (
        "rules.imported",
        "Default",
        "command",
    )
    assert event.after == {
        "policy_id": Policy.objects.get().pk,
        "mode": "block",
        "counts": {"imported": 1, "updated": 0, "mode_changed": 0},
        "rules": {"imported": ["acme.a"], "updated": [], "mode_changed": []},
    }


def test_rules_of_other_policies_keep_their_modes(acme, scanner, file):
    rule = RuleFactory(path="acme.a")
    PolicyRuleFactory(policy=PolicyFactory(), rule=rule, mode=Mode.BLOCK)

    report = load(file(a_rule("acme.a")))

    assert report == ImportReport(mode=Mode.MONITOR, updated=("acme.a",))
    assert sorted(PolicyRule.objects.values_list("mode", flat=True)) == ["block", "monitor"]


def test_each_organization_has_rules_of_its_own(acme, rival, scanner, file):
    rules = file(a_rule("acme.a"))
    load(rules)

    with organization_scope(rival.id):
        report = load(rules)

        assert report.imported == ("acme.a",)
        assert Rule.objects.count() == 1
    assert Rule.objects.count() == 1


def test_an_id_that_stands_twice_is_refused_with_both_places(acme, scanner, file, tmp_path):
    one = file(a_rule("acme.a"), name="one.yml")
    two = file(a_rule("acme.b"), a_rule("acme.a"), name="two.yml")

    assert refusals(one, two) == (
        Refusal(
            place=f"{tmp_path}/two.yml:8",
            rule_id="acme.a",
            reason=f"its id also stands at {tmp_path}/one.yml:2; give one of the two another.",
        ),
    )
    assert nothing_is_stored()


def test_a_file_that_is_named_twice_is_refused(acme, scanner, file):
    rules = file(a_rule("acme.a"))

    (refusal,) = refusals(rules, rules)

    assert refusal.rule_id == "acme.a"
    assert nothing_is_stored()


def test_one_bad_rule_among_many_is_named_and_keeps_the_others_out(acme, scanner, file, tmp_path):
    rules = file(*(a_rule(f"acme.rule-{n}") for n in range(9)), a_rule("acme.refused"))

    assert refusals(rules) == (
        Refusal(
            place=f"{tmp_path}/rules.yml:56",
            rule_id="acme.refused",
            reason="the scanner refuses it: invalid language pyton",
        ),
    )
    assert nothing_is_stored()


def test_all_that_is_wrong_is_said_at_once(acme, scanner, file, tmp_path):
    broken = tmp_path / "broken.yml"
    broken.write_text("rules: [")
    rules = file(
        a_rule("acme.good"),
        "- id: acme.join\n  mode: join\n  join: {refs: [{rule: /etc/passwd}]}\n",
        "- just words\n",
        "- languages: [python]\n",
        a_rule("../../etc/passwd"),
        a_rule("acme.refused"),
    )

    found = [(refusal.rule_id, refusal.reason.split(":")[0]) for refusal in refusals(broken, rules)]

    assert found == [
        ("", "It is not plain YAML"),
        ("acme.join", "mode"),
        ("", "A rule must be a mapping with an `id`."),
        ("", "id"),
        ("../../etc/passwd", "id"),
        ("acme.refused", "the scanner refuses it"),
    ]
    assert nothing_is_stored()


def test_a_refused_import_leaves_what_there_was(acme, scanner, file):
    load(file(a_rule("acme.a")))

    refusals(file(a_rule("acme.a", message="new"), a_rule("acme.refused")))

    assert Rule.objects.get().definition["message"] == "eval runs text as code"
    assert AuditEvent.objects.count() == 1


def test_a_long_list_of_refusals_is_cut_in_its_sentence_only(acme, scanner, file):
    rules = file(*(a_rule(f"acme..{n}") for n in range(60)))

    with pytest.raises(RulesRefusedError) as refusal:
        load(rules)

    assert len(refusal.value.report.refused) == 60
    assert len(refusal.value.detail.splitlines()) == 52
    assert refusal.value.detail.endswith("… and 10 more.")
    assert refusal.value.field == "files"


def test_without_files_there_is_nothing_to_import(acme):
    with pytest.raises(InvalidInputError, match="at least one rule file"):
        load()


def test_without_a_scanner_nothing_is_imported(acme, settings, file):
    settings.SEMGREP_PROGRAM = "/missing/semgrep"

    with pytest.raises(ScannerMissingError):
        load(file(a_rule("acme.a")))

    assert nothing_is_stored()


@pytest.mark.parametrize("count", [1, 40])
def test_the_number_of_statements_does_not_grow_with_the_rules(
    acme, scanner, file, count, django_assert_num_queries
):
    rules = file(*(a_rule(f"acme.rule-{n}") for n in range(count)))
    load(file(a_rule("acme.first"), name="first.yml"))

    with django_assert_num_queries(15):
        load(rules)

    assert Rule.objects.count() == count + 1


@pytest.mark.semgrep
def test_the_real_scanner_judges_an_import(acme, file, tmp_path):
    bad = a_rule("acme.bad").replace("eval(...)", "eval(")

    (refusal,) = refusals(file(a_rule("acme.a"), bad, a_rule("acme.c")))

    assert (refusal.place, refusal.rule_id) == (f"{tmp_path}/rules.yml:8", "acme.bad")
    assert refusal.reason.startswith("the scanner refuses it: Invalid pattern for Python")
    assert nothing_is_stored()


def test_a_shipped_rule_stays_as_it_is(acme, file):
    RuleFactory(path="acme.shipped", source=RuleSource.SHIPPED)

    (refusal,) = refusals(file(a_rule("acme.shipped", message="another")))

    assert refusal.rule_id == "acme.shipped"
    assert refusal.reason == "its id is that of a shipped rule; give it another."
    assert Rule.objects.get().source == RuleSource.SHIPPED
