"""Every body that a comment can have, by the name of its snapshot."""

from dataclasses import replace

from findings.models import Status
from notifications.channels.change_request import Dialect, finding_body, rule_body
from notifications.facts import CheckFacts, Decision
from rules.models import Mode
from tests.notifications.builders import (
    ANALYZED,
    EVERY_TRICK,
    IGNORED,
    Lines,
    NoLines,
    a_fix,
    a_notice,
    a_verdict,
    guidance,
    of_rule,
)


def body(notice, dialect=Dialect.GITHUB, *, has_suggestion=True, commands="/semgrep", links=None):
    return finding_body(
        notice,
        key=f"finding-{notice.finding_id}",
        dialect=dialect,
        has_suggestion=has_suggestion,
        links=links or Lines(),
        commands=commands,
    )


def bodies():
    """Return all of them; pictures and snapshots are made of the same."""
    unrun = (CheckFacts(name="applies", is_met=True), CheckFacts(name="parses", is_met=None))
    by_rule = guidance(
        summary="Bind values as parameters.",
        instructions="> User input reaches an **SQL statement** as text. Bind it as a parameter"
        " of `execute` instead.\n\n1. Look at `app/orders.py`, line 17.\n2. Bind the value.\n\n"
        "To read on:\n\n- <https://owasp.org/Top10/>\n\n"
        "*From the rule's own message; no model was asked.*",
        is_by_model=False,
        memory_ids=(),
    )
    many, mixed = of_rule(57), of_rule(7)
    mixed[1] = replace(mixed[1], status=Status.FIXED)
    mixed[4] = replace(mixed[4], status=Status.IGNORED, decision=Decision(who="Mel"))
    mixed[5] = replace(mixed[5], verdict=a_verdict())
    rule = {"key": "rule-1-abcdef0123456789", "links": Lines()}
    return {
        "new": body(a_notice(is_being_analyzed=True)),
        "bare": body(a_notice(trace=()), commands=""),
        "blocking": body(replace(a_notice(), mode=Mode.BLOCK)),
        "analyzed-github": body(replace(ANALYZED, mode=Mode.BLOCK)),
        "analyzed-gitlab": body(ANALYZED, Dialect.GITLAB),
        "fix-outside": body(
            replace(ANALYZED, fix=a_fix(checks=unrun, confidence="Medium")), has_suggestion=False
        ),
        "maybe-safe": body(a_notice(verdict=a_verdict(memory_ids=(1, 2)))),
        "maybe-safe-blocking": body(a_notice(verdict=a_verdict(), mode=Mode.BLOCK)),
        "rule-of-thumb": body(
            a_notice(verdict=a_verdict(is_by_model=False), guidance=by_rule), links=NoLines()
        ),
        "reopened": body(replace(ANALYZED, fix=None, status=Status.FIXING)),
        "fixed": body(replace(ANALYZED, status=Status.FIXED)),
        "ignored": body(IGNORED),
        "muted": body(replace(IGNORED, decision=Decision(is_in_code=True))),
        "provisionally-ignored": body(
            a_notice(verdict=a_verdict(), status=Status.PROVISIONALLY_IGNORED)
        ),
        "removed": body(replace(ANALYZED, status=Status.REMOVED)),
        "every-trick": body(EVERY_TRICK),
        "rule": rule_body(mixed, **rule),
        "rule-many": rule_body([replace(one, mode=Mode.BLOCK) for one in many], **rule),
        "rule-done": rule_body([replace(one, status=Status.FIXED) for one in mixed], **rule),
    }
