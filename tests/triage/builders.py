"""Questions and answers for tests of triage."""

import hashlib

from integrations.codehosts import CodeFile
from triage.answers import JudgeAnswer, Quote
from triage.context import Place, Question, RuleFacts, build_context
from triage.signals import find_signs


def a_file(text, path="app/views.py"):
    return CodeFile(
        path=path,
        commit="a" * 40,
        text=text,
        content_hash=hashlib.sha256(text.encode()).hexdigest(),
    )


def a_question(text, *, sink, path="app/views.py", cwe="CWE-78", message="", **extra):
    """Ask about the one place where `sink` stands in `text`; `sink` may span lines.

    Columns count bytes, as the scanner's do.
    """
    start = text.index(sink)
    assert text.count(sink) == 1, f"{sink!r} must stand once in the code"
    end = start + len(sink)
    before, through = text[:start], text[:end]
    place = Place(
        path=path,
        start_line=before.count("\n") + 1,
        start_column=len(before.rpartition("\n")[2].encode()) + 1,
        end_line=through.count("\n") + 1,
        end_column=len(through.rpartition("\n")[2].encode()) + 1,
    )
    rule = RuleFacts(
        check_id="acme.rule", message=message or "User input.", metadata={"cwe": [f"{cwe}: x"]}
    )
    return Question(file=a_file(text, path), place=place, rule=rule, **extra)


def a_context(text, *, sink, budget=60, **question):
    return build_context(a_question(text, sink=sink, **question), budget=budget)


def signs_of(text, *, sink, **question):
    return find_signs(a_context(text, sink=sink, **question))


def an_answer(**values):
    return JudgeAnswer(
        **{
            "verdict": "false_positive",
            "confidence": 0.9,
            "reason": "The value is converted to a number before it is used.",
            "quotes": (),
            **values,
        }
    )


def quotes(*texts):
    return tuple(Quote(text=text) for text in texts)
