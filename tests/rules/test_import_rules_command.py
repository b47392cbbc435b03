"""The command that imports rules, as an operator meets it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from rules.models import PolicyRule, Rule
from tenants.models import AuditEvent

RULE = """
rules:
- id: acme.eval
  languages: [python]
  severity: HIGH
  message: eval runs text as code
  pattern: eval(...)
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rules.yml"
    path.write_text(RULE)
    return path


def run(*arguments):
    output = StringIO()
    call_command("import_rules", *map(str, arguments), stdout=output)
    return output.getvalue()


def test_the_command_says_what_changed(acme, scanner, file):
    first = run(file, "--organization", "acme", "--mode", "monitor")
    again = run(file, "--organization", "acme", "--mode", "block")

    assert first == "Rules in mode monitor: 1 new, 0 updated, 0 unchanged.\n"
    assert again == "Rules in mode block: 0 new, 0 updated, 1 unchanged, 1 had another mode.\n"
    assert PolicyRule.objects.get().mode == "block"


def test_the_operator_stands_in_the_audit_log(acme, scanner, file):
    run(file, "--organization", "acme", "--mode", "comment")

    event = AuditEvent.objects.get()
    assert (event.actor_label, event.door, event.after["mode"]) == (
        "Operator",
        "command",
        "comment",
    )


def test_the_rules_go_to_the_named_organization(acme, rival, scanner, file):
    run(file, "--organization", "rival", "--mode", "monitor")

    assert not Rule.objects.exists()


def test_a_refusal_names_file_rule_and_remedy(acme, scanner, file):
    file.write_text(RULE.replace("  message", "  mode: join\n  message"))

    with pytest.raises(CommandError) as refusal:
        run(file, "--organization", "acme", "--mode", "monitor")

    assert str(refusal.value) == (
        "Nothing was imported. Mend this and try again:\n"
        f"{file}:3: rule acme.eval: mode: 'join' is not served; write the rule as `search` or"
        " `taint`."
    )
    assert not Rule.objects.exists()


def test_an_unknown_organization_is_named(db, scanner, file):
    with pytest.raises(CommandError, match="none with the slug 'nobody'; make it with"):
        run(file, "--organization", "nobody", "--mode", "monitor")


@pytest.mark.parametrize("mode", ["disabled", "loud", ""])
def test_only_the_three_modes_are_taken(acme, file, mode):
    with pytest.raises(CommandError, match="monitor"):
        run(file, "--organization", "acme", "--mode", mode)


def test_a_missing_scanner_is_told_with_the_setting(acme, settings, file):
    settings.SEMGREP_PROGRAM = "/missing/semgrep"

    with pytest.raises(CommandError, match="SEMGREP_PROGRAM"):
        run(file, "--organization", "acme", "--mode", "monitor")
