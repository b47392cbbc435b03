"""What the judge is shown."""

# ruff: noqa: E501 the code under examination stands as it is

import pytest

from tests.triage.builders import a_context, a_file, a_question
from triage.context import EarlierTriage, Place, build_context

PYTHON = """\
import os
import json
from flask import request

BASE = "/srv"
OTHER = 1


def helper(value):
    return value.strip()


def unused():
    return OTHER


class Views:
    @login_required
    def show(self, key):
        name = request.args[key]
        path = BASE + helper(name)
        os.system(path)
"""


def shown(context, path=None):
    path = path or context.source.path
    return [line.number for line in context.lines if line.path == path]


def test_the_function_its_decorators_feeders_imports_and_callees_are_shown():
    context = a_context(PYTHON, sink="os.system(path)")

    assert shown(context) == [1, 3, 5, 9, 10, 18, 19, 20, 21, 22]
    assert context.left_out == ()


@pytest.mark.parametrize(
    ("path", "code", "first", "last"),
    [
        ("a.py", "x = 1\n\ndef f():\n    a()\n    eval(x)\n    b()\n\ny = 2\n", 3, 6),
        ("a.js", "let x;\n\nfunction f() {\n  a();\n  eval(x);\n}\n\nlet y;\n", 3, 6),
        ("a.js", "get('/', (q) => {\n  a();\n  eval(x);\n});\n\nlet y;\n", 1, 4),
        ("a.ts", "class A {\n  f(): void {\n    a();\n    eval(x);\n  }\n  g() {}\n}\n", 2, 5),
        ("a.tsx", "const A = () => {\n  eval(x);\n  return <p/>;\n};\n\nlet y;\n", 1, 4),
        ("A.java", "class A {\n  void f() {\n    a();\n    eval(x);\n  }\n  int y;\n}\n", 2, 5),
        ("a.go", "package a\n\nfunc f() {\n\ta()\n\teval(x)\n}\n\nvar y int\n", 3, 6),
        ("a.rb", "y = 1\ndef f\n  a\n  eval(x)\nend\nz = 2\n", 2, 5),
        ("a.php", "<?php\n$y = 1;\nfunction f() {\n  eval(x);\n}\n$z = 2;\n", 3, 5),
        ("a.c", "int y;\n\nvoid f(void) {\n  eval(x);\n}\n\nint z;\n", 3, 5),
        ("a.cpp", "int y;\n\nvoid A::f() {\n  eval(x);\n}\n\nint z;\n", 3, 5),
        ("a.cs", "class A {\n  int y;\n  void F() {\n    eval(x);\n  }\n}\n", 3, 5),
        ("a.kt", "val y = 1\nfun f() {\n  eval(x)\n}\nval z = 2\n", 2, 4),
        ("a.rs", "static Y: i32 = 1;\nfn f() {\n  eval(x);\n}\n", 2, 4),
        ("a.sh", "y=1\nf() {\n  a\n  eval(x)\n}\nz=2\n", 2, 5),
    ],
)  # fmt: skip
def test_the_enclosing_function_is_found_in_each_language(path, code, first, last):
    context = a_context(code, sink="eval(x)", path=path)

    inside = [number for number in shown(context) if number >= first and number <= last]
    assert inside == list(range(first, last + 1))
    assert context.slice.function_lines == range(first, last + 1)


def test_without_a_grammar_the_lines_around_are_shown():
    code = "\n".join(f"line {n}" for n in range(1, 101))

    context = a_context(code, sink="line 50", path="deploy.unknown")

    assert shown(context) == list(range(38, 63))
    assert "outside any function" in context.left_out[0]


@pytest.mark.parametrize("budget", [5, 12, 60])
def test_the_budget_is_kept_and_what_is_left_out_is_told(budget):
    body = "".join(f"    step_{n}(x)\n" for n in range(200))
    code = f"import os\n\ndef view(x):\n{body}    os.system(x)\n"

    context = a_context(code, sink="os.system(x)", budget=budget)

    assert len(context.lines) <= budget
    assert {3, 204} <= set(shown(context))
    assert "lines of the function around the match are not shown." in context.left_out[0]


def test_a_value_defined_far_away_is_shown_before_its_neighbors():
    body = "".join(f"    step_{n}()\n" for n in range(200))
    code = f"import os\n\ndef view():\n    x = read()\n{body}    os.system(x)\n"

    context = a_context(code, sink="os.system(x)", budget=20)

    assert 4 in shown(context)


def test_a_guard_is_shown_before_its_neighbors():
    body = "".join(f"    step_{n}()\n" for n in range(200))
    code = f"import os\n\ndef view(x):\n    if x not in NAMES:\n        return\n{body}    os.system(x)\n"

    context = a_context(code, sink="os.system(x)", budget=20)

    assert {4, 5} <= set(shown(context))


def test_long_lines_are_cut_and_it_is_said():
    code = f"def f(x):\n    y = '{'a' * 10_000}'\n    eval(x + y)\n"

    context = a_context(code, sink="eval(x + y)")

    assert max(len(line.text) for line in context.lines) == 300
    assert "1 lines are longer than 300 characters and cut." in context.left_out


def test_a_match_of_many_lines_is_cut():
    lines = ",\n".join(f"    {n}" for n in range(50))
    sink = f"eval(\n{lines}\n)"

    context = a_context(f"{sink}\n", sink=sink, budget=60)

    assert "32 of the matched lines are not shown." in context.left_out


def test_steps_of_the_data_flow_are_shown_also_in_other_files():
    question = a_question(
        PYTHON,
        sink="os.system(path)",
        trace=[a_step("app/input.py", 2), a_step("gone.py", 1), a_step("app/views.py", 14)],
        other_files={"app/input.py": a_file("a = 1\nb = read()\n", "app/input.py")},
    )

    context = build_context(question, budget=60)

    assert shown(context, "app/input.py") == [2]
    assert 14 in shown(context)
    assert "A step of the data flow is in gone.py, which is not shown." in context.left_out


def a_step(path, line):
    return Place(path=path, start_line=line, start_column=1, end_line=line, end_column=2)


def test_a_damaged_file_is_said_to_be_one():
    question = a_question("eval(x)\n", sink="eval(x)")
    damaged = a_question("eval(x)\n", sink="eval(x)")
    object.__setattr__(damaged.file, "is_damaged", True)

    assert "UTF-8" not in " ".join(build_context(question, budget=9).left_out)
    assert "UTF-8" in " ".join(build_context(damaged, budget=9).left_out)


def test_broken_code_is_still_shown():
    context = a_context("def f(:\n    if (((\n    eval(x)\n}}} \x0c \N{SNOWMAN}\n", sink="eval(x)")

    assert 3 in shown(context)


def test_moved_code_asks_the_same_question():
    moved = "# one more line\n\n" + PYTHON

    first = a_context(PYTHON, sink="os.system(path)")
    second = a_context(moved, sink="os.system(path)")

    assert first.input_hash(judged_by="x") == second.input_hash(judged_by="x")


@pytest.mark.parametrize(
    "other",
    [
        {"text": PYTHON.replace("BASE +", "BASE *")},
        {"text": PYTHON.replace("login_required", "public")},
        {"message": "Another message."},
        {"cwe": "CWE-79"},
        {"path": "tests/views.py"},
        {"earlier_triage": [EarlierTriage(state="ignored", reason="false_positive", note="")]},
    ],
)
def test_another_question_has_another_hash(other):
    values = {"text": PYTHON, "sink": "os.system(path)", **other}

    one = a_context(PYTHON, sink="os.system(path)").input_hash(judged_by="x")

    assert a_context(values.pop("text"), **values).input_hash(judged_by="x") != one


def test_another_judge_is_asked_anew():
    context = a_context(PYTHON, sink="os.system(path)")

    assert context.input_hash(judged_by="x") != context.input_hash(judged_by="y")
