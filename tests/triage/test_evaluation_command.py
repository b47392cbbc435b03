"""The command `evaluate`."""

import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from llm.models import ModelCall
from tests.model_server import answers
from triage.models import Verdict

SAFE = {
    "rule_id": "acme.command",
    "cwe": ["CWE-78"],
    "path": "app/a.py",
    "line": 3,
    "context_start_line": 1,
    "code": "def run():\n    name = 'ls'\n    os.system(name)",
    "label": "false_positive",
}
REAL = {
    **SAFE,
    "path": "app/b.py",
    "code": "def run():\n    name = request.args['n']\n    os.system(name)",
    "label": "true_positive",
}
DOUBT = {
    "verdict": "needs_review",
    "confidence": 0.2,
    "reason": "The caller is not shown.",
    "quotes": [],
    "component": None,
}


@pytest.fixture
def labelled(tmp_path):
    """Return a function that writes a file of labelled findings."""

    def write(*rows, name="findings.jsonl"):
        path = tmp_path / name
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        return str(path)

    return write


def evaluate(*arguments):
    out = io.StringIO()
    call_command("evaluate", *arguments, stdout=out)
    return out.getvalue()


def test_rules_of_thumb_are_measured_without_a_database(labelled, settings, capsys):
    settings.ASSISTANT_PROVIDER = "offline"

    told = json.loads(evaluate(labelled(SAFE, REAL), "--json"))

    assert (told["n"], told["needs_review"], told["tokens"]) == (2, 0, 0)
    assert (told["true_positives_kept"], told["false_positives_dismissed"]) == (1, 1)
    assert (told["precision"], told["recall"], told["f1"]) == (1.0, 1.0, 1.0)
    assert list(told["by_cwe"]) == ["CWE-78"]
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Judging" in shown.err


def test_a_model_is_asked_and_nothing_is_stored(labelled, serve_model, db):
    server = serve_model(default=answers(DOUBT))

    told = json.loads(evaluate(labelled(SAFE, REAL), "--json"))

    assert (told["n"], told["needs_review"]) == (2, 2)
    assert told["tokens"] > 0
    assert len(server.requests) == 2
    assert (ModelCall.unscoped.count(), Verdict.unscoped.count()) == (0, 0)


def test_a_question_says_nothing_of_the_label(labelled, serve_model):
    server = serve_model(default=answers(DOUBT))
    evaluate(labelled({**REAL, "cve": "CVE-2020-1", "id": "rv-12345"}), "--json")
    evaluate(labelled({**REAL, "label": "false_positive", "id": "other"}), "--json")

    first, second = (json.dumps(request) for request in server.requests)

    assert first == second
    assert "CVE-2020-1" not in first
    assert "rv-12345" not in first


def test_a_model_that_fails_for_one_finding_does_not_end_the_run(
    labelled, script_model, settings, capsys
):
    settings.ASSISTANT_CONCURRENCY = 1
    script_model("no JSON", "no JSON again", DOUBT)

    told = json.loads(evaluate(labelled(SAFE, REAL), "--json"))

    assert (told["n"], told["needs_review"]) == (2, 2)
    assert "1 of 2 findings got no usable answer" in capsys.readouterr().err


def test_the_first_findings_of_all_files_are_judged(labelled, settings):
    settings.ASSISTANT_PROVIDER = "offline"
    files = labelled(SAFE, REAL), labelled(REAL, REAL, name="more.jsonl")

    assert json.loads(evaluate(*files, "--json"))["n"] == 4
    assert json.loads(evaluate(*files, "--json", "--limit", "3"))["true_positives_kept"] == 2


def test_standard_input_is_read(monkeypatch, settings):
    settings.ASSISTANT_PROVIDER = "offline"
    stdin = SimpleNamespace(buffer=io.BytesIO(json.dumps(REAL).encode()))
    monkeypatch.setattr("sys.stdin", stdin)

    assert json.loads(evaluate("-", "--json"))["n"] == 1


def test_people_get_a_table(labelled, settings):
    settings.ASSISTANT_PROVIDER = "offline"

    table = evaluate(labelled(SAFE, REAL))

    assert "Judged by rules of thumb" in table
    assert "CWE-78" in table


@pytest.mark.parametrize("limit", ["0", "-3"])
def test_a_limit_below_one_is_refused(labelled, limit):
    with pytest.raises(CommandError, match="--limit: give a number from 1 on") as refused:
        evaluate(labelled(SAFE), "--limit", limit)

    assert refused.value.returncode == 2


def test_a_bad_line_is_told_before_anything_is_asked(labelled, serve_model):
    server = serve_model(default=answers(DOUBT))
    name = labelled(SAFE, {**REAL, "label": "yes"})

    with pytest.raises(CommandError, match=r"findings\.jsonl, line 2: label: ") as refused:
        evaluate(name, "--limit", "1")

    assert refused.value.returncode == 2
    assert server.requests == []


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match="No such file") as refused:
        evaluate(str(tmp_path / "none.jsonl"))

    assert refused.value.returncode == 2


def test_on_the_command_line_it_starts_no_service(labelled, tmp_path):
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "manage.py", "evaluate", labelled(SAFE), "--json"],
        cwd=root,
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["false_positives_dismissed"] == 1
    assert not list((tmp_path / "data").glob("p*"))
