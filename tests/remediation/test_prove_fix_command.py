"""The batch command: a line out for each line in."""

import difflib
import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command

TEXT = """import os


def run(text):
    return eval(text)


def other(text):
    return eval(text)
"""
RULES = """
rules:
  - id: eval-used
    languages: [python]
    severity: ERROR
    message: eval
    pattern: eval(...)
    paths:
      include: [web/]
  - id: system-used
    languages: [python]
    severity: ERROR
    message: system
    pattern: os.system(...)
"""


def a_line(key, *edits, **changes):
    patched = TEXT
    for search, replace in edits:
        patched = patched.replace(search, replace, 1)
    patch = "".join(
        difflib.unified_diff(
            TEXT.splitlines(keepends=True), patched.splitlines(keepends=True), "a/app/a.py",
            "b/app/a.py",
        )
    )  # fmt: skip
    values = {
        "id": key, "rules": RULES, "rule_id": "eval-used", "path": "app/a.py", "original": TEXT,
        "patch": patch,
    }  # fmt: skip
    return json.dumps({**values, **changes})


def answers_to(*lines, tmp_path):
    file = tmp_path / "batch.jsonl"
    file.write_text("\n".join(lines) + "\n")
    output = io.StringIO()
    call_command("prove_fix", "--batch", str(file), stdout=output)
    return [json.loads(line) for line in output.getvalue().splitlines()]


@pytest.mark.semgrep
def test_each_line_is_answered_in_order_also_a_bad_one(tmp_path):
    answers = answers_to(
        a_line("good", ("eval(text)", "int(text)")),
        "no JSON",
        a_line(7, ("eval(text)", "os.system(text)")),
        '{"id": "half"}',
        a_line("tags", rules="rules: !!python/object:os.system {}"),
        a_line("none", rules="rules: 5"),
        a_line("bomb", rules="a: &a [x,x]\nb: &b [*a,*a]\n" * 9),
        a_line("same"),
        a_line("elsewhere", ("eval(text)", "int(text)"), path="app/b.py"),
        a_line(
            "lost", patch="--- a/app/a.py\n+++ b/app/a.py\n@@ -1 +1 @@\n-import sys\n+import re\n"
        ),
        a_line("moved", ("eval(text)", "eval(text, {})")),
        tmp_path=tmp_path,
    )

    assert [(a["id"], a["verdict"], a["reason"]) for a in answers] == [
        ("good", "proven", "ok"),
        (None, "refused", "check_failed"),
        (7, "refused", "new_finding"),
        ("half", "refused", "check_failed"),
        ("tags", "refused", "check_failed"),
        ("none", "refused", "check_failed"),
        ("bomb", "refused", "check_failed"),
        ("same", "refused", "no_change"),
        ("elsewhere", "refused", "touches_other_file"),
        ("lost", "refused", "does_not_apply"),
        ("moved", "refused", "still_fires"),
    ]
    assert {tuple(answer) for answer in answers} == {("id", "verdict", "reason", "checks")}
    assert answers[0]["checks"][0] == {"name": "applies", "ok": True, "detail": ""}
    assert answers[1]["checks"] == [
        {"name": "readable", "ok": None, "detail": "The line is not JSON."}
    ]


@pytest.mark.semgrep
def test_a_dash_reads_standard_input_and_needs_no_database(monkeypatch):
    class Input:
        buffer = io.BytesIO(a_line("in", ("eval(text)", "int(text)")).encode())

    monkeypatch.setattr(sys, "stdin", Input)
    output = io.StringIO()

    call_command("prove_fix", "--batch", "-", stdout=output)

    assert json.loads(output.getvalue())["verdict"] == "proven"


def test_a_file_that_is_not_there_is_an_error_that_names_it():
    with pytest.raises(CommandError, match=r"--batch: nowhere\.jsonl cannot be read"):
        call_command("prove_fix", "--batch", "nowhere.jsonl")
