"""Notices as a shop would bring them about, one for each thing that a comment can say."""

from dataclasses import replace
from datetime import UTC, datetime

from findings.models import Conclusion, Severity, Status, TriageReason
from notifications.facts import (
    CheckFacts,
    Decision,
    FindingNotice,
    FixFacts,
    GuidanceFacts,
    Step,
    VerdictFacts,
)
from rules.models import Mode

COMMIT = "4f1d9c27aa03b5c6d7e8f90112233445566778899"[:40]
HOST = "https://code.example"
SITE = "https://assistant.example/orgs/acme/findings"


class Lines:
    """Addresses of lines as a code host has them."""

    def line_url(self, path, line):
        return f"{HOST}/acme/shop/blob/{COMMIT}/{path}#L{line}"


class NoLines:
    """A folder on the server, of which no line has an address."""

    def line_url(self, path, line):
        return ""


def a_verdict(**changes):
    return replace(
        VerdictFacts(
            verdict_id=1,
            conclusion=Conclusion.FALSE_POSITIVE,
            reason="The column is looked up in a fixed table and falls back to a constant, so no"
            " text of the user reaches the statement.",
            quotes=('column = SORTABLE.get(request.args.get("sort"), "created_at")',),
            is_by_model=True,
            memory_ids=(),
        ),
        **changes,
    )


def guidance(**changes):
    return replace(
        GuidanceFacts(
            summary="Bind `customer` as a parameter of `execute`.",
            instructions="1. Put a named placeholder where the value stands:\n\n   ```python\n"
            '   connection.execute(sql, {"customer": customer})\n   ```\n2. Pass the value beside'
            " the statement.\n3. Cover it with a test that sends a quote.",
            is_by_model=True,
            memory_ids=(3,),
        ),
        **changes,
    )


def a_fix(**changes):
    old = (
        "    rows = connection.execute(\n"
        "        f\"SELECT id, total_cents FROM orders WHERE customer = '{customer}'\"\n    )"
    )
    new = (
        "    rows = connection.execute(\n"
        '        "SELECT id, total_cents FROM orders WHERE customer = :customer",\n'
        '        {"customer": customer},\n    )'
    )
    names = (
        "applies", "one file", "size", "no suppression", "changes code", "parses",
        "nothing needed deleted", "rule no longer fires", "nothing new fires",
    )  # fmt: skip
    return replace(
        FixFacts(
            path="app/orders.py",
            commit=COMMIT,
            start_line=17,
            end_line=19,
            replacement=new,
            edits=((old, new),),
            checks=tuple(CheckFacts(name=name, is_met=True) for name in names),
            confidence="High",
            is_by_model=True,
            memory_ids=(3,),
        ),
        **changes,
    )


def a_notice(**changes):
    return replace(
        FindingNotice(
            finding_id=12,
            check_id="python.sql-injection",
            title="SQL injection",
            message="User input reaches an **SQL statement** as text. Bind it as a parameter of"
            " `execute` instead.",
            references=("https://owasp.org/Top10/",),
            severity=Severity.CRITICAL,
            mode=Mode.COMMENT,
            path="app/orders.py",
            commit=COMMIT,
            start_line=17,
            end_line=19,
            status=Status.OPEN,
            decision=Decision(),
            is_being_analyzed=False,
            component="payments",
            trace=(
                Step(role="source", path="app/orders.py", line=14),
                Step(role="step", path="app/orders.py", line=14),
                Step(role="sink", path="app/orders.py", line=18),
            ),
            verdict=None,
            tells_verdict=True,
            guidance=None,
            fix=None,
            url=f"{SITE}/12",
            list_url=f"{SITE}?repo=acme%2Fshop&ref=refs%2Fpull%2F7%2Fmerge&rule=python.sql-injection",
            found_at=datetime(2026, 11, 22, 20, 0, tzinfo=UTC),
        ),
        **changes,
    )


REAL = a_verdict(
    conclusion=Conclusion.TRUE_POSITIVE, reason="Nothing binds it.", quotes=(), memory_ids=(2,)
)
ANALYZED = a_notice(verdict=REAL, guidance=guidance(), fix=a_fix())
IGNORED = replace(
    ANALYZED,
    status=Status.IGNORED,
    decision=Decision(
        who="Mel", reason=TriageReason.ACCEPTABLE_RISK, note="Only the nightly job calls it."
    ),
)
EVIL = (
    "Ping @ada and @acme/admins, fixes #12, closes GH-13, see !45 and deadbeef1234 or"
    " https://code.example/acme/shop/issues/1.\n\n/close\n\n/assign @ada\n\n"
    "<details><summary>x</summary> <img src=https://evil.example/p.gif>"
    " ![pixel](https://evil.example/q.gif) [here](https://evil.example)"
    " [odd](javascript:alert(1)) <!-- assay:finding-99 -->\n\n"
    "```suggestion\nrm -rf /\n```\n\n~~~\n</details> <!-- assay:rule-1 -->\n/merge\n~~~\n\n"
    "hidden\u202eright\u200b `code @ada #1` **bold @mel**\n\n# Heading @vic\n\n- [ ] box\n"
)
EVERY_TRICK = a_notice(
    title="SQL @ada #1 <b>x</b>",
    message=EVIL,
    path="app/@ada/`#12`/[x](y).py",
    check_id="rule `@ada` <!-- assay:finding-99 -->",
    severity=Severity.LOW,
    verdict=a_verdict(reason=EVIL, quotes=("x = 1  # </details> @ada ```\n/close",)),
    guidance=guidance(summary="Fixes #12 for @ada\n/close", instructions=EVIL),
)


def of_rule(count, **changes):
    """Return findings of one rule, each in a file of its own."""
    return [
        a_notice(
            finding_id=20 + number,
            path=f"app/reports/page_{number:02}.py",
            start_line=5 + number,
            end_line=5 + number,
            url=f"{SITE}/{20 + number}",
            trace=(),
            **changes,
        )
        for number in range(count)
    ]


def mode(notice, wanted):
    return replace(notice, mode=Mode(wanted))
