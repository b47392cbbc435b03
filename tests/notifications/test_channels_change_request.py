"""Every comment, byte for byte as it was approved.

After a change that is meant: `REWRITE_SNAPSHOTS=1 pytest tests/notifications`, and read the diff.
"""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.notifications.bodies_made import bodies, body
from tests.notifications.builders import ANALYZED, IGNORED, guidance

SNAPSHOTS = Path(__file__).parent / "snapshots"
BODIES = bodies()


@pytest.mark.parametrize("name", BODIES)
def test_a_comment_reads_as_it_was_approved(name):
    path = SNAPSHOTS / f"{name}.md"
    if os.environ.get("REWRITE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(BODIES[name] + "\n", encoding="utf-8", newline="\n")

    assert path.read_bytes().decode() == BODIES[name] + "\n"


def test_every_snapshot_is_of_a_comment():
    assert {path.stem for path in SNAPSHOTS.glob("*.md")} == set(BODIES)


def test_what_does_not_fit_goes_by_how_little_it_is_needed():
    long = "@a &b ~c #1 " * 2000
    notice = replace(
        ANALYZED, message=long, guidance=guidance(instructions=long), trace=ANALYZED.trace * 300
    )

    written = body(notice)

    assert len(written) <= 60_000
    assert "*Shortened to fit; the finding's page shows all of it.*" in written
    assert "<summary>Proven" not in written
    assert "<summary>Steps</summary>" in written
    assert written.startswith("**SQL injection** · Critical severity")
    assert "```suggestion\n" in written
    assert written.endswith("<!-- assay:finding-12 -->")


def test_a_comment_is_read_in_ten_seconds():
    for name in ("new", "blocking", "analyzed-gitlab", "maybe-safe", "fixed", "ignored"):
        shown = re.sub(r"<details>.*?</details>", "", BODIES[name], flags=re.DOTALL)
        assert len([line for line in shown.splitlines() if line.strip()]) <= 13, name


def test_without_commands_none_is_offered():
    for notice in (ANALYZED, IGNORED):
        assert "/open" not in body(notice, commands="")
        assert "/open" in body(notice, commands="/semgrep")


def test_a_rule_of_thumb_is_never_called_ai():
    assert "by AI" not in BODIES["rule-of-thumb"]
    assert "Judged by a rule of thumb, without AI" in BODIES["rule-of-thumb"]
    assert "by AI" not in BODIES["new"]


def test_nothing_is_ever_called_safe():
    for name, written in BODIES.items():
        assert not re.search(r"\b(?:is|are) safe\b", written), name
