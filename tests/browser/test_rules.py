"""An admin's way through the library of rules, in a real browser."""

import io
import re
import zipfile

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from pipeline.jobs import run_job
from pipeline.trades import RULE_IMPORTS
from rules.library import save_rule
from rules.models import Mode, PolicyRule, Rule, RuleImport
from rules.storing import make_default_policy
from tenants.audit import Actor
from tenants.models import User
from tests.browser.pages import look_at, sign_in
from tests.factories import RuleImportFactory

RULE = """\
rules:
  - id: {id}
    languages: [python]
    severity: HIGH
    message: >-
      `eval` runs `$CODE` as code. Use `ast.literal_eval`, or look the name up in a table.
    pattern: eval($CODE)
    metadata:
      cwe: ["CWE-95: Eval Injection"]
      confidence: HIGH
      references: [https://cwe.mitre.org/data/definitions/95.html]
"""
TEST = "# ruleid: acme.python.eval\neval(name)\n# ok: acme.python.eval\nast.literal_eval(name)\n"


@pytest.fixture(autouse=True)
def _no_scanner_needed(tmp_path, settings):
    """A scanner that takes every rule but those that say so."""
    program = tmp_path / "scanner"
    program.write_text(
        "#!/bin/sh\n"
        "if grep -q '\"acme.refused\"' ../rules.json; then\n"
        '  echo \'{"results": [], "errors": [{"type": "Rule parse error", "level": "error",'
        ' "rule_id": "acme.refused", "message": "invalid pattern"}]}\'\n'
        "  exit 7\n"
        "fi\n"
        'echo \'{"results": [], "errors": []}\'\n'
    )
    program.chmod(0o755)
    settings.SEMGREP_PROGRAM = str(program)


def address(name, *rest):
    return reverse(f"console:{name}", args=["acme", *rest])


def work():
    """Do what a worker does."""
    waiting = RuleImport.objects.latest("id")
    run_job(trade=RULE_IMPORTS, job_id=waiting.pk, now=timezone.now())


def test_rules_are_added_imported_and_read(house, visit):
    Rule.objects.all().delete()
    page = visit()
    sign_in(page)
    page.get_by_role("link", name="Rules").click()
    look_at(page, "rules-none")
    page.goto(address("rules"))
    page.get_by_role("button", name="Add the shipped rules").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    work()
    expect(page.get_by_text("New rules")).to_be_visible()
    page.get_by_role("link", name="See rules").click()
    page.get_by_label("Language").select_option("go")
    page.get_by_label("Mode").select_option("monitor")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("language=go.*mode=monitor"))
    look_at(page, "rules")

    page.goto(address("import-rules"))
    page.get_by_label("Files or an archive").set_input_files(
        {"name": "ours.zip", "mimeType": "application/zip", "buffer": _an_archive()}
    )
    page.get_by_label("Ruleset").fill("Our own")
    page.get_by_label("Policy").select_option("Default")
    page.get_by_label("Mode there").select_option("Block")
    page.get_by_role("button", name="Import").click()
    work()
    expect(page.get_by_text("The scanner refuses it: invalid pattern")).to_be_visible()
    look_at(page, "rule-import")
    assert Rule.objects.get(path="acme.python.eval").test_code == TEST


def _an_archive():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("ours/eval.yml", RULE.format(id="acme.python.eval"))
        archive.writestr("ours/eval.py", TEST)
        archive.writestr("ours/refused.yml", RULE.format(id="acme.refused"))
        archive.writestr("ours/../../escape.yml", RULE.format(id="acme.escape"))
        archive.writestr("ours/broken.yml", "rules: [")
        archive.writestr("ours/README.md", "Our rules.")
    return stream.getvalue()


def test_a_folder_names_its_ruleset_and_keeps_its_places(house, visit, tmp_path):
    folder = tmp_path / "team-rules"
    (folder / "python").mkdir(parents=True)
    (folder / "python" / "eval.yml").write_text(RULE.format(id="acme.python.eval"))
    (folder / "python" / "eval.py").write_text(TEST)
    RuleImportFactory(name="old.tar.gz", status="done")
    page = visit()
    sign_in(page)
    page.goto(address("import-rules"))
    page.get_by_label("Or a folder").set_input_files(folder)
    expect(page.get_by_label("Ruleset")).to_have_value("team-rules")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="Import of team-rules")).to_be_visible()
    (file,) = RuleImport.objects.latest("id").files
    assert (file["name"], file["tests"]) == ("team-rules/python/eval.yml", {"eval.py": TEST})

    page.goto(address("import-rules"))
    page.get_by_label("Ruleset").fill("Shipped")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("Shipped is the name of our own pack")).to_be_visible()
    look_at(page, "rules-import")


def test_a_rule_is_read_compared_forked_deleted_and_restored(house, visit):
    rule = _a_rule_in_two_versions()
    page = visit()
    sign_in(page)
    page.goto(address("rule", rule.id))
    look_at(page, "rule")
    page.goto(address("rule-version", rule.id, 2))
    look_at(page, "rule-version")
    page.goto(address("rule-version", rule.id, 1))
    page.get_by_role("button", name="Restore this version").click()
    expect(page.get_by_text("Version 1 is back, as version 3.").first).to_be_visible()
    page.get_by_role("button", name="Fork").click()
    expect(page.get_by_text("acme.python.eval-fork is yours to change").first).to_be_visible()

    page.goto(address("rule", rule.id))
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete this rule?")
    expect(dialog).to_contain_text("Default (Block)")
    look_at(page, "rule-delete")
    page.goto(address("rule", rule.id))
    page.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("Under Deleted it can be restored.").first).to_be_visible()
    page.goto(address("rules") + "?tab=deleted")
    page.get_by_role("link", name="Eval").first.click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("It is in no policy until you add it to one.").first).to_be_visible()


def _a_rule_in_two_versions():
    ada = Actor.person(User.objects.get(email="ada@acme.example"))
    now = timezone.now()
    text = RULE.format(id="acme.python.eval")
    rule = save_rule(text=text, test_code="", actor=ada, now=now, note="First try")
    text = text.replace(
        "    pattern: eval($CODE)\n",
        '    patterns:\n      - pattern: eval($CODE)\n      - pattern-not: eval("...")\n',
    )
    rule = save_rule(
        text=text,
        test_code=TEST,
        actor=ada,
        now=now,
        rule=rule,
        note="Texts in the code are harmless",
    )
    PolicyRule.objects.create(policy=make_default_policy(now=now), rule=rule, mode=Mode.BLOCK)
    return rule
