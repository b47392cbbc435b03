"""Reading labelled findings, and what of them is put to a judge."""

import json

import pytest

from llm.models import Outcome
from llm.providers.base import Finish, ProviderError, ProviderReply, Retry
from tests.fakes import ScriptedProvider
from tests.triage.builders import an_answer
from triage.judging import judge_case, lay_out
from triage.labelled import PARTIAL, LabelledError, read_labelled

CODE = "def view(request):\n    name = request.args['name']\n    os.system('ls ' + name)"
# Whatever of these stands in a question gives the answer away, or is a stranger's.
SECRETS = {
    "id": "bpy-0036aa1c35",
    "cve": "CVE-2017-16084",
    "commit": "87de3f13465e9d4d21eb75be8143cdc4085a19b3",
    "version": "before the-fix",
    "ground_truth_id": "dvpwa-001",
    "repo": "KoryNunn/list-n-stream",
    "benchmark": "OWASP BenchmarkPython",
}


def a_row(**fields):
    row = {
        **SECRETS,
        "rule_id": "python.lang.dangerous-system-call",
        "cwe": ["CWE-78: OS Command Injection"],
        "severity": "ERROR",
        "message": "User input reaches a shell.",
        "path": "app/views.py",
        "line": 12,
        "end_line": 12,
        "col": 5,
        "context_start_line": 10,
        "code": CODE,
        "label": "false_positive",
        "undecidable_from_code": True,
        **fields,
    }
    return {name: value for name, value in row.items() if value is not ...}


def read(*rows):
    return list(read_labelled(json.dumps(row).encode() for row in rows))


def the_question(**fields):
    (labelled,) = read(a_row(**fields))
    return lay_out(labelled.question, notes=labelled.notes).prompt()


def test_the_code_stands_at_its_line_numbers():
    prompt = the_question()

    assert "    10 | def view(request):" in prompt.user
    assert "    12 >     os.system('ls ' + name)" in prompt.user


def test_lines_that_are_left_out_are_a_gap():
    prompt = the_question(
        code="name = request.args['name']\n...\nos.system('ls ' + name)",
        code_lines=[3, None, 12],
        context_start_line=...,
    )

    assert (
        "     3 | name = request.args['name']\n...\n    12 > os.system('ls ' + name)"
    ) in prompt.user


def test_neither_the_answer_nor_what_tells_it_is_in_the_question():
    prompt = the_question()
    other = the_question(label="true_positive", undecidable_from_code=False)

    asked = prompt.system + prompt.user
    assert [text for text in SECRETS.values() if text in asked] == []
    assert "undecidable" not in asked
    assert prompt == other


def test_what_is_known_of_the_project_is_told_as_data():
    prompt = the_question(project_context=["helpers.py: clean() drops every quote."])

    fenced = prompt.user.partition("<<<data left out")[2].partition("end of data>>>")[0]
    assert "helpers.py: clean() drops every quote." in fenced
    assert PARTIAL in fenced


def test_the_match_ends_with_the_last_known_line():
    (labelled,) = read(a_row(end_line=40))

    assert labelled.question.place.end_line == 12


def test_weaknesses_are_their_numbers_once():
    (labelled,) = read(a_row(cwe=["CWE-78: x", "CWE-78: y", "CWE-20"]))
    (lone,) = read(a_row(cwe="CWE-89"))

    assert labelled.weaknesses == ("CWE-78", "CWE-20")
    assert lone.weaknesses == ("CWE-89",)


def test_blank_lines_and_a_byte_order_mark_are_passed_over():
    line = json.dumps(a_row()).encode()

    assert len(list(read_labelled([b"\xef\xbb\xbf" + line, b"\n", b"  \r\n", line]))) == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"label": "maybe"}, "label"),
        ({"label": ...}, "label"),
        ({"rule_id": 3}, "rule_id"),
        ({"rule_id": ""}, "rule_id"),
        ({"path": None}, "path"),
        ({"code": ""}, "code"),
        ({"code": "half a character: \ud800"}, "code"),
        ({"line": 0}, "line"),
        ({"line": "12"}, "line"),
        ({"line": True}, "line"),
        ({"line": 99}, "line"),
        ({"line": 10**9}, "line"),
        ({"col": -1}, "col"),
        ({"cwe": [1]}, "cwe"),
        ({"context_start_line": ...}, "code"),
        ({"code_lines": [10, 11]}, "code_lines"),
        ({"code_lines": [10, 12, 11]}, "code_lines"),
        ({"code_lines": [12, 12, 12]}, "code_lines"),
        ({"project_context": "one text"}, "project_context"),
        ({"undecidable_from_code": "no"}, "undecidable_from_code"),
    ],
)
def test_a_bad_line_is_named_with_its_field(fields, field):
    with pytest.raises(LabelledError) as refused:
        read(a_row(), a_row(**fields))

    assert (refused.value.line, refused.value.field) == (2, field)
    assert str(refused.value).startswith(f"line 2: {field}: ")


@pytest.mark.parametrize(
    "line",
    [b"{", b"[]", b"3", b'"text"', b"\xff\xfe{}", b"[" * 100_000, b"nul"],
)
def test_what_is_no_json_object_is_a_bad_line(line):
    with pytest.raises(LabelledError) as refused:
        list(read_labelled([line]))

    assert (refused.value.line, refused.value.field) == (1, "")


def test_a_nul_in_the_code_does_no_harm():
    (labelled,) = read(a_row(code="x = 1\n\0\nos.system(x)"))

    judgment = judge_case(
        lay_out(labelled.question), provider=ScriptedProvider(an_answer(verdict="needs_review"))
    )

    assert judgment.problem == ""


def test_lines_that_nobody_knows_may_undo_a_constant():
    whole = {"code": "def view():\n    name = 'x'\n    os.system(name)", "context_start_line": ...}
    (known,) = read(a_row(**whole, code_lines=[10, 11, 12]))
    (partial,) = read(a_row(**whole, line=14, end_line=14, code_lines=[10, 11, 14]))

    signs = [(s.name, s.strength.name) for s in lay_out(known.question).signs]
    weaker = lay_out(partial.question).signs

    assert signs == [("constant_argument", "STRONG")]
    assert [(s.name, s.strength.name) for s in weaker] == [("constant_argument", "MEDIUM")]
    assert weaker[0].sentence.endswith("Lines between are not known.")


def test_a_false_positive_without_a_quote_that_holds_is_doubt():
    (labelled,) = read(a_row())
    answer = an_answer(quotes=())

    judgment = judge_case(lay_out(labelled.question), provider=ScriptedProvider(answer))

    assert judgment.decision.conclusion == "needs_review"
    assert judgment.decision.downgrade_reason == "The judge quoted no code that makes it safe."


@pytest.mark.parametrize(
    "reply",
    [
        ProviderError(Outcome.REJECTED, "No such model.", retry=Retry.NEVER),
        ProviderReply(text="I cannot help.", finish=Finish.REFUSED),
    ],
)
def test_a_model_that_fails_leaves_the_finding_to_a_person(reply):
    (labelled,) = read(a_row())

    judgment = judge_case(lay_out(labelled.question), provider=ScriptedProvider(reply))

    assert (judgment.decision.conclusion, judgment.tokens) == ("needs_review", 0)
    assert judgment.problem


@pytest.mark.parametrize(
    ("code", "column", "end_column"),
    [
        ("String(eval(formula));", 8, 21),
        ("run(command, { shell: true });", 23, 27),
        ("unclosed(", 1, 10),
    ],
)
def test_a_match_ends_with_the_syntax_that_begins_where_it_does(code, column, end_column):
    (labelled,) = read(
        a_row(path="a.js", code=code, line=10, end_line=10, col=column, context_start_line=10)
    )

    assert labelled.question.place.end_column == end_column
