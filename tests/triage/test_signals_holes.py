"""Holes as real programs have them, each matched whole or in part: never a false positive."""

# ruff: noqa: RUF001, RUF002 the marks of a match are set apart from the code

from pathlib import Path

import pytest

from findings.models import Conclusion
from tests.triage.builders import a_file, signs_of
from triage.components import tag_of
from triage.context import Place, Question, RuleFacts, build_context
from triage.decisions import decide
from triage.offline import judge_by_thumb
from triage.signals import find_signs
from triage.signs import Direction


def judged(code, *, start, end, path, cwe, has_trace=False):
    lines_before, lines_through = code[:start].split("\n"), code[:end].split("\n")
    place = Place(
        path=path,
        start_line=len(lines_before),
        start_column=len(lines_before[-1]) + 1,
        end_line=len(lines_through),
        end_column=len(lines_through[-1]) + 1,
    )
    rule = RuleFacts(check_id="acme.rule", message="Input.", metadata={"cwe": [f"{cwe}: x"]})
    trace = (place, place) if has_trace else ()
    question = Question(file=a_file(code, path), place=place, rule=rule, trace=trace)
    context = build_context(question, budget=60)
    signs = find_signs(context)
    answer = judge_by_thumb(context, signs=signs, component=tag_of(context.source))
    return decide(answer, context=context, signs=signs, is_offline=True)


def read_traps():
    """Give the snippets of traps/*.txt: what a rule matched stands in « » or, inside it, in ‹ ›."""
    for file in sorted((Path(__file__).parent / "traps").glob("*.txt")):
        for block in file.read_text().split("### ")[1:]:
            head, marked = block.split("\n", 1)
            language, cwe, name = head.split(" ", 2)
            for first, last in ("«»", "‹›"):
                if first in marked:
                    yield pytest.param(language, cwe, marked, first, last, id=f"{name} {first}")


@pytest.mark.parametrize("has_trace", [False, True])
@pytest.mark.parametrize(("language", "cwe", "marked", "first", "last"), list(read_traps()))
def test_a_hole_is_never_called_safe(language, cwe, marked, first, last, has_trace):
    before, rest = marked.split(first)
    inside = rest.split(last)[0]
    clean = str.maketrans("", "", "«»‹›")
    start = len(before.translate(clean))

    decision = judged(
        marked.translate(clean),
        start=start,
        end=start + len(inside.translate(clean)),
        path=f"A.{language}",
        cwe=f"CWE-{cwe}",
        has_trace=has_trace,
    )

    assert decision.conclusion != Conclusion.FALSE_POSITIVE


@pytest.mark.parametrize(
    ("path", "code", "sink"),
    [
        (
            "app/a.py",
            "def out(command):\n    return subprocess.Popen(command, shell=True)\n",
            "True",
        ),
        (
            "app/a.py",
            "def out(command):\n    ON = True\n    run(command, shell=ON)\n",
            "shell=ON",
        ),
        ("a.js", "function out(command) { cp.spawn(command, [], {shell: true}); }\n", "true"),
        ("a.js", "function out(command) { cp.exec(command, {env: {A: 'x'}}); }\n", "'x'"),
    ],
)
def test_an_option_that_a_rule_points_at_says_nothing_of_the_command(path, code, sink):
    signs = signs_of(code, sink=sink, path=path)

    assert [sign.name for sign in signs if sign.direction is Direction.SAFE] == []
