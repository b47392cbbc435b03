"""Imports into the library: what is good comes in, the rest is told."""

import datetime as dt

import pytest
from django.conf import settings

from core.errors import InvalidInputError
from integrations.semgrep.sandbox import ScannerMissingError
from pipeline.jobs import run_job
from pipeline.trades import RULE_IMPORTS
from rules import library_imports
from rules.candidates import Refusal
from rules.library import delete_rule
from rules.library_imports import Destination, report_of, run_import, want_import
from rules.models import (
    Mode,
    PolicyRuleset,
    Rule,
    RuleImport,
    Ruleset,
    RulesetRule,
    RuleSource,
    RuleVersion,
)
from rules.policies import rules_for_scan
from rules.shipped import shipped_rules
from rules.uploads import Upload, read_uploads
from tenants.audit import Actor
from tenants.jobs import claim
from tenants.models import AuditEvent
from tests.factories import PolicyFactory, ProjectFactory, RuleFactory

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)


def a_rule(rule_id, message="never"):
    return (
        f"- {{id: {rule_id}, languages: [python], severity: HIGH, message: {message},"
        " pattern: eval(...)}\n"
    )


def package(**files):
    return read_uploads([Upload(name=name, body=text.encode()) for name, text in files.items()])


@pytest.fixture
def bring(ada, scanner):
    """Return a function that imports files as Ada, and gives the row when it is over."""

    def bring(files, now=NOW, **destination):
        wanted = want_import(
            package=files if not isinstance(files, dict) else package(**files),
            name="rules.zip",
            destination=Destination(**({"ruleset_name": "Ours"} | destination)),
            actor=Actor.person(ada),
            now=now,
        )
        run_import(rule_import=wanted, now=now)
        return RuleImport.objects.get(pk=wanted.pk)

    return bring


def test_rules_come_in_with_text_tests_ruleset_and_policy(bring):
    policy = PolicyFactory()
    text = "# why\nrules:\n" + a_rule("acme.a")
    files = {
        "a.yml": text,
        "a.py": "eval(1)",
        "more.yml": "rules:\n" + a_rule("acme.b") + a_rule("acme.c"),
    }

    done = bring(files, policy=policy, mode=Mode.BLOCK)

    report = report_of(done)
    assert (report.imported, report.tested_count) == (("acme.a", "acme.b", "acme.c"), 1)
    assert (done.files, done.total, done.tried) == ([], 3, 3)
    rule = Rule.objects.get(path="acme.a")
    assert (rule.text, rule.test_code, rule.version) == (text, "eval(1)", 1)
    assert Rule.objects.get(path="acme.b").text == ""
    version = RuleVersion.objects.get(rule=rule)
    assert (version.author_label, version.note) == ("Ada", "Imported from rules.zip")
    ruleset = Ruleset.objects.get()
    assert (ruleset.name, ruleset.slug, RulesetRule.objects.count()) == ("Ours", "ours", 3)
    assert PolicyRuleset.objects.get().mode == Mode.BLOCK
    served = rules_for_scan(project=ProjectFactory(), products=[])
    assert served.modes == dict.fromkeys(("acme.a", "acme.b", "acme.c"), Mode.BLOCK)
    assert AuditEvent.objects.get(action="rules.imported").after["counts"] == {
        "imported": 3,
        "updated": 0,
        "refused": 0,
    }


def test_one_bad_rule_keeps_no_other_out_and_each_reason_is_told(bring):
    RuleFactory(path="acme.shipped", source=RuleSource.SHIPPED)
    files = {
        "rules.yml": "rules:\n"
        + a_rule("acme.good")
        + a_rule("acme.refused")
        + a_rule("acme.good", message="twice")
        + a_rule("acme.shipped")
        + "- {id: acme.join, mode: join, languages: [python], severity: LOW, message: m}\n",
        "broken.yml": "rules: [",
        "bomb.yml": "a: &a [1]\nb: !!python/object:os.system [*a]\n",
        "other.yml": "services: {}",
    }

    report = report_of(bring(files))

    assert report.imported == ("acme.good",)
    assert Rule.objects.get(path="acme.good").definition["message"] == "never"
    assert {(one.place, one.rule_id, one.reason.split(":")[0]) for one in report.refused} == {
        ("rules.yml:3", "acme.refused", "the scanner refuses it"),
        ("rules.yml:4", "acme.good", "its id also stands at rules.yml"),
        ("rules.yml:5", "acme.shipped", "its id is that of a shipped rule; give it another."),
        ("rules.yml:6", "acme.join", "mode"),
        ("broken.yml:2", "", "It is not plain YAML"),
        ("bomb.yml:2", "", "It has the tag 'tag"),
        ("other.yml", "", "Its key `rules` must be a list with at least one rule."),
    }
    assert report.refused_count == 7


def test_the_same_again_changes_nothing_and_a_change_is_a_version(bring, scanner):
    files = {"a.yml": "rules:\n" + a_rule("acme.a"), "b.yml": "rules:\n" + a_rule("acme.b")}
    bring(files)
    scanner.write_text("")

    again = report_of(bring(files, now=LATER))
    changed = bring({**files, "b.py": "test", "a.yml": "rules:\n" + a_rule("acme.a", "ever")})

    assert again.unchanged == ("acme.a", "acme.b")
    assert report_of(changed).updated == ("acme.a", "acme.b")
    assert list(Rule.objects.order_by("path").values_list("version", flat=True)) == [2, 2]
    assert "acme.b" not in scanner.read_text()
    assert (changed.total, RuleVersion.objects.count()) == (1, 4)


def test_a_deleted_rule_comes_back(bring):
    files = {"a.yml": "rules:\n" + a_rule("acme.a")}
    bring(files)
    Rule.objects.update(deleted_at=NOW)

    assert report_of(bring(files, now=LATER)).imported == ("acme.a",)

    assert Rule.objects.get().deleted_at is None


def test_the_shipped_pack_comes_in_whole_and_respects_what_is_yours(bring):
    shipped = shipped_rules()
    path = "assistant.python.yaml-load"
    RuleFactory(path=path)

    report = report_of(bring(shipped, ruleset_name="Shipped", source=RuleSource.SHIPPED))

    assert len(report.imported) == len(shipped.files) - 1 == report.tested_count
    assert report.refused == (
        Refusal(
            place="python/yaml-load.yml:2",
            rule_id=path,
            reason="a rule of your own has its id and says something else; yours stays as it is.",
        ),
    )
    assert Rule.objects.filter(source=RuleSource.SHIPPED).count() == len(report.imported)
    assert Ruleset.objects.get().source == RuleSource.SHIPPED


def test_the_shipped_pack_brings_no_rule_back_that_was_deleted(bring):
    shipped = {"files": shipped_rules(), "ruleset_name": "Shipped", "source": RuleSource.SHIPPED}
    bring(**shipped)
    deleted = Rule.objects.order_by("path").first()
    delete_rule(deleted, Actor.platform(), NOW)

    report = report_of(bring(**shipped, now=LATER))

    assert (report.imported, len(report.refused)) == ((), 1)
    assert report.refused[0].rule_id == deleted.path
    assert report.refused[0].reason.startswith("you deleted a rule of its id: restore it")
    deleted.refresh_from_db()
    assert deleted.deleted_at == NOW
    assert not RulesetRule.objects.filter(rule=deleted).exists()


def test_rules_are_tried_in_parts_and_the_row_says_how_far_it_has_come(bring, monkeypatch):
    monkeypatch.setattr(library_imports, "RULES_AT_ONCE", 2)
    rules = "".join(a_rule(f"acme.{number}") for number in range(5))

    done = bring({"a.yml": "rules:\n" + rules})

    assert (done.total, done.tried, Rule.objects.count()) == (5, 5, 5)


def test_an_import_holds_its_claim_and_one_that_lost_it_changes_nothing(ada, scanner):
    wanted = want_import(
        package=package(**{"a.yml": "rules:\n" + a_rule("acme.a")}),
        name="a.yml",
        destination=Destination(ruleset_name="Ours"),
        actor=Actor.person(ada),
        now=NOW,
    )
    first, second = (claim(RuleImport, job_id=wanted.pk, now=at) for at in (NOW, LATER))
    lapses_at = second.next_attempt_at

    run_import(rule_import=second, now=LATER)

    held = RuleImport.objects.get().next_attempt_at
    assert held != lapses_at
    run_import(rule_import=first, now=NOW)
    assert report_of(RuleImport.objects.get()).imported == ("acme.a",)
    assert RuleImport.objects.get().next_attempt_at == held


@pytest.mark.parametrize(("limit", "most"), [("MAX_RULES", 2), ("MAX_KEPT_CHARACTERS", 500)])
def test_more_than_one_import_may_bring_is_refused_before_it_is_tried(
    ada, scanner, monkeypatch, limit, most
):
    monkeypatch.setattr(library_imports, limit, most)
    rules = "".join(a_rule(f"acme.{number}") for number in range(3))
    wanted = want_import(
        package=package(**{"a.yml": "rules:\n" + rules, "a.py": "#" * 100}),
        name="a\0b\ud800",
        destination=Destination(ruleset_name="Ours"),
        actor=Actor.person(ada),
        now=NOW,
    )

    run_job(trade=RULE_IMPORTS, job_id=wanted.pk, now=NOW)

    wanted.refresh_from_db()
    assert (wanted.status, wanted.files, wanted.name) == ("failed", [], "a�b�")
    assert wanted.error.startswith("There are 3 rules, some long or with long tests")
    assert (Rule.objects.count(), scanner.read_text()) == (0, "")


def test_without_a_scanner_the_job_says_so_and_lets_go_of_the_files(ada, settings):
    settings.SEMGREP_PROGRAM = "/missing/semgrep"
    wanted = want_import(
        package=package(**{"a.yml": "rules:\n" + a_rule("acme.a")}),
        name="a.yml",
        destination=Destination(ruleset_name="Ours"),
        actor=Actor.person(ada),
        now=NOW,
    )
    with pytest.raises(ScannerMissingError):
        run_import(rule_import=wanted, now=NOW)

    assert run_job(trade=RULE_IMPORTS, job_id=wanted.pk, now=NOW) is None

    wanted.refresh_from_db()
    assert (wanted.status, wanted.files) == ("failed", [])
    assert "There is no program" in wanted.error
    assert not Rule.objects.exists()


def test_a_worker_that_died_after_storing_stores_nothing_twice(bring):
    done = bring({"a.yml": "rules:\n" + a_rule("acme.a")})

    run_import(rule_import=done, now=LATER)

    assert report_of(RuleImport.objects.get()).imported == ("acme.a",)
    assert AuditEvent.objects.filter(action="rules.imported").count() == 1


@pytest.mark.parametrize(
    ("files", "name", "said"),
    [
        ({"README.md": "read"}, "Ours", "there is no .yml or .yaml file"),
        ({"a.yml": "rules: []"}, " ", "ruleset: give it a name"),
        ({"a.yml": "rules: []"}, "a\nb", "ruleset: give it a name"),
        ({"a.yml": "rules: []"}, "shipped", "ruleset: Shipped is the name of our own pack"),
    ],
)
def test_what_cannot_be_imported_is_refused_at_once(ada, files, name, said):
    with pytest.raises(InvalidInputError, match=said):
        want_import(
            package=package(**files), name="x", destination=Destination(ruleset_name=name),
            actor=Actor.person(ada), now=NOW,
        )  # fmt: skip

    assert not RuleImport.objects.exists()


def test_few_imports_wait_at_once(ada):
    def want():
        want_import(
            package=package(**{"a.yml": "rules: []"}), name="x",
            destination=Destination(ruleset_name="Ours"), actor=Actor.person(ada), now=NOW,
        )  # fmt: skip

    for _ in range(library_imports.MAX_WAITING):
        want()

    with pytest.raises(InvalidInputError, match="5 imports are waiting"):
        want()


def test_images_have_the_pack():
    ignored = (settings.BASE_DIR / ".dockerignore").read_text().split()

    assert not {"demo", "demo/", "demo/rules"} & set(ignored)
    assert len(shipped_rules().files) >= 28
