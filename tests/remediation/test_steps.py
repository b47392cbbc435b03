"""Good fixes pass the checks that need no scanner; what deletes, disables or hides does not."""

import pytest

from remediation.candidates import Candidate
from remediation.comparison.evasions import evasion_in
from remediation.steps import examine
from tests.remediation.changes_table import BAD, FRAMES, GOOD


def objection_to(path, before, after):
    """Return what the cheap checks, or the look for evasions, say against a change."""
    examination = examine(
        Candidate(
            key="one", path=path, original=FRAMES[path].replace("@@", before),
            patched=FRAMES[path].replace("@@", after), rules=[], rule_id="any",
        )
    )  # fmt: skip
    if examination.refusal:
        return examination.refusal.detail
    blocks = examination.change.blocks
    start = min(block.before_start for block in blocks)
    end = max(block.before_end for block in blocks)
    return evasion_in(examination.pair, examination.groups, range(start, max(end, start + 1)))


@pytest.mark.parametrize(("path", "before", "after"), GOOD)
def test_nothing_is_said_against_a_good_fix(path, before, after):
    assert objection_to(path, before, after) is None


@pytest.mark.parametrize(("path", "before", "after"), BAD)
def test_something_is_said_against_a_bad_one(path, before, after):
    assert objection_to(path, before, after)
