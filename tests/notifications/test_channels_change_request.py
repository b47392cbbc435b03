"""Every comment, byte for byte as it was approved.

After a change that is meant: `REWRITE_SNAPSHOTS=1 pytest tests/notifications`, and read the diff.
"""

import os
from pathlib import Path

import pytest

from tests.notifications.bodies_made import bodies

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
