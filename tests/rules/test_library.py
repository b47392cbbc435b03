"""The library: saving, forking, deleting, restoring, and what each version was."""

import datetime as dt

import pytest
import yaml
from django.core.cache import cache

from core.errors import InvalidInputError
from integrations.semgrep.sandbox import ScannerTimeLimitError
from rules.definitions import RuleRefusedError
from rules.documents import parse_rules
from rules.library import (
    RuleTakenError,
    ShippedRuleError,
    StaleRuleError,
    delete_rule,
    fork_rule,
    restore_rule,
    restore_version,
    save_rule,
    text_of,
)
from rules.models import Mode, PolicyRule, Rule, RulesetRule, RuleSource, RuleVersion
from rules.scanner_checks import CheckUnderWayError
from tenants.audit import Actor
from tenants.models import AuditEvent
from tests.factories import PolicyRuleFactory, RuleFactory, RulesetRuleFactory

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)


def text(rule_id="acme.a", message="never"):
    return (
        "# Ours.\n"
        f"rules:\n  - id: {rule_id}  # its name\n    languages: [python]\n    severity: HIGH\n"
        f"    message: {message}\n    pattern: eval(...)\n"
    )


@pytest.fixture
def save(ada, scanner):
    """Return a function that saves as Ada."""

    def save(rule=None, **changes):
        wanted = {"text": text(), "test_code": "", "now": NOW, "rule": rule}
        return save_rule(**{"actor": Actor.person(ada), **wanted, **changes})

    return save


def versions(rule):
    kept = RuleVersion.objects.filter(rule=rule).order_by("number")
    return list(kept.values_list("number", "author_label", "note"))


def test_a_new_rule_is_kept_as_it_was_written(save, scanner):
    rule = save(test_code="eval(x)  # ok: acme.a", note="First")

    rule.refresh_from_db()
    assert (rule.path, rule.text, rule.test_code) == ("acme.a", text(), "eval(x)  # ok: acme.a")
    assert (rule.version, rule.source, rule.languages) == (1, "custom", ["python"])
    assert rule.definition["message"] == "never"
    assert versions(rule) == [(1, "Ada", "First")]
    assert AuditEvent.objects.get().after == {"version": 1, "note": "First"}
    assert "acme.a" in scanner.read_text()


def test_a_change_is_the_next_version(save, scanner):
    rule = save()
    scanner.write_text("")

    save(rule, text=text(message="not ever"), expected_version=1, now=LATER)
    save(rule, test_code="eval(1)", text=text(message="not ever"), expected_version=2)

    rule.refresh_from_db()
    assert (rule.version, rule.definition["message"]) == (3, "not ever")
    assert [number for number, *_ in versions(rule)] == [1, 2, 3]
    # A test alone leaves the definition as it was: the scanner need not see it again.
    assert scanner.read_text().count('"acme.a"') == 2


def test_the_scanner_looks_at_one_rule_of_a_person_at_a_time(
    save, acme, ada, mel, tmp_path, settings
):
    waits = tmp_path / "waits"
    waits.write_text("#!/bin/sh\nexec sleep 9\n")
    waits.chmod(0o755)
    program, settings.SEMGREP_PROGRAM, settings.RULE_TRIAL_SECONDS = (
        settings.SEMGREP_PROGRAM, str(waits), 1
    )  # fmt: skip
    with pytest.raises(ScannerTimeLimitError):
        save()
    settings.SEMGREP_PROGRAM = program
    save(text=text("acme.b"))

    cache.add(f"rules.check:{acme.pk}:{ada.pk}", 1)
    with pytest.raises(CheckUnderWayError, match="another rule that you save"):
        save()
    save(actor=Actor.person(mel))

    assert set(Rule.objects.values_list("path", flat=True)) == {"acme.a", "acme.b"}


def test_a_rule_from_before_the_library_keeps_what_it_was(save):
    rule = RuleFactory(path="acme.a")
    before = rule.definition

    save(rule)

    first, second = RuleVersion.objects.filter(rule=rule).order_by("number")
    assert (first.number, first.definition, first.author) == (1, before, None)
    assert (second.number, second.text, second.author_label) == (2, text(), "Ada")


def test_who_began_with_an_older_version_is_told(save):
    rule = save()
    save(rule, text=text(message="second"))

    with pytest.raises(StaleRuleError, match="at version 2, and you began with 1"):
        save(rule, text=text(message="third"), expected_version=1)

    assert Rule.objects.get().definition["message"] == "second"


def test_an_id_is_taken_once_and_kept(save):
    rule = save()

    with pytest.raises(RuleTakenError, match=r"there is a rule acme\.a already"):
        save()
    with pytest.raises(InvalidInputError, match=r"a saved rule keeps its id, acme\.a"):
        save(rule, text=text("acme.b"))
    delete_rule(rule, Actor.platform(), NOW)
    with pytest.raises(RuleTakenError, match=r"deleted rule acme\.a already; restore it"):
        save()
    with pytest.raises(StaleRuleError, match="was deleted meanwhile"):
        save(rule)

    assert Rule.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"text": text("acme.refused")}, RuleRefusedError, "invalid language pyton"),
        ({"text": text("../etc/passwd")}, RuleRefusedError, "id: use at most"),
        ({"text": text() + "    join: {}\n"}, RuleRefusedError, "join"),
        ({"test_code": "x" * 200_001}, InvalidInputError, "test_code: the test code has 200,001"),
        ({"test_code": "\0"}, InvalidInputError, "test_code"),
        ({"note": "\0"}, InvalidInputError, "note"),
        ({"note": "x" * 501}, InvalidInputError, "note: the note has 501"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(save, changes, error, said):
    with pytest.raises(error, match=said):
        save(**changes)

    assert not Rule.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_fork_has_an_id_of_its_own_in_text_and_tests(save, ada):
    test_code = "# ruleid: acme.a, acme.ab\neval(x)\n# ok: acme.a\nprint('acme.a')\n"
    rule = save(test_code=test_code)

    fork = fork_rule(rule, Actor.person(ada), LATER)
    other = fork_rule(rule, Actor.person(ada), LATER)

    assert (fork.path, other.path, fork.forked_from) == ("acme.a-fork", "acme.a-fork-2", rule)
    assert fork.text == text("acme.a-fork")
    assert fork.test_code == (
        "# ruleid: acme.a-fork, acme.ab\neval(x)\n# ok: acme.a-fork\nprint('acme.a')\n"
    )
    assert parse_rules(fork.text, file="f")[0].value == fork.definition
    assert versions(fork) == [(1, "Ada", "Forked from acme.a")]
    assert not PolicyRule.objects.exists()


def test_a_forks_tests_follow_where_they_name_the_rule_in_short(save, ada):
    test_code = "<!-- ok: a -->\n<!-- ruleid: b,a -->\n# a sentence: ruleid of acme.a\n"
    rule = save(test_code=test_code)

    fork = fork_rule(rule, Actor.person(ada), LATER)

    assert fork.test_code == (
        "<!-- ok: acme.a-fork -->\n<!-- ruleid: b, acme.a-fork -->\n"
        "# a sentence: ruleid of acme.a\n"
    )


def test_a_shipped_rule_is_forked_and_not_changed(save, ada):
    rule = RuleFactory(path="acme.a", source=RuleSource.SHIPPED)

    with pytest.raises(ShippedRuleError, match="fork it"):
        save(rule)

    assert fork_rule(rule, Actor.person(ada), NOW).source == RuleSource.CUSTOM


def test_a_deleted_rule_leaves_policies_and_rulesets_and_may_come_back(ada, acme):
    rule = RuleFactory(path="acme.a")
    entry = PolicyRuleFactory(rule=rule, mode=Mode.BLOCK)
    member = RulesetRuleFactory(rule=rule)
    RulesetRuleFactory(ruleset=member.ruleset)

    delete_rule(rule, Actor.person(ada), NOW)
    delete_rule(rule, Actor.person(ada), LATER)

    rule.refresh_from_db()
    assert rule.deleted_at == NOW
    assert not PolicyRule.objects.exists()
    assert RulesetRule.objects.count() == 1
    event = AuditEvent.objects.get(action="rules.deleted")
    assert event.before == {
        "policies": {entry.policy.slug: "block"},
        "rulesets": [member.ruleset.slug],
    }
    restore_rule(rule, Actor.person(ada))
    rule.refresh_from_db()
    assert rule.deleted_at is None
    assert not PolicyRule.objects.exists()


def test_an_earlier_version_comes_back_as_a_new_one(save, ada):
    rule = save(test_code="one")
    save(rule, text=text(message="second"), test_code="two")

    restored = restore_version(rule, 1, Actor.person(ada), LATER)

    assert (restored.version, restored.text, restored.test_code) == (3, text(), "one")
    assert restored.definition["message"] == "never"
    assert versions(rule)[2] == (3, "Ada", "Version 1 restored")
    assert restore_version(rule, 3, Actor.person(ada), LATER).version == 3
    with pytest.raises(InvalidInputError, match="has no version 9"):
        restore_version(rule, 9, Actor.person(ada), LATER)


def test_a_definition_is_written_out_as_it_reads_back(acme):
    definition = {
        "severity": "HIGH",
        "metadata": {
            "on": "off", "year": "2026-01-01", "octal": "017", "float": "1e3", "yes": "no",
            "empty": "", "none": "null", "real": 1.5, "count": 3,
            "deep": [{"a": ["~", "<<", True]}],
        },
        "message": "First line: a # sign\n\n  second line\n",
        "pattern": "$X = {'é': \"\N{SNOWMAN}\"}\n... \n",
        "languages": ["python"],
        "id": "acme.a",
    }  # fmt: skip

    written = text_of(RuleFactory.build(definition=definition, text=""))

    assert parse_rules(written, file="f")[0].value == definition
    assert yaml.safe_load(written)["rules"][0] == definition
    assert written.index("id: acme.a") < written.index("pattern:") < written.index("metadata:")
