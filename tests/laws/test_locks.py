"""What is installed is named to the byte, and from no particular place."""

import re

import pytest

from tests.laws.tree import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_versions_and_hashes_and_no_address(lock):
    text = lock.read_text()
    packages = [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]

    assert packages
    assert [line for line in packages if not re.match(r"[\w.\[\],-]+==\S+( ;.*)? \\$", line)] == []
    assert len(re.findall(r"\\\n    --hash=sha256:[0-9a-f]{64}", text)) >= len(packages)
    assert re.findall(r"https?://|--(?:extra-)?index-url|--find-links", text) == []


def test_every_input_has_its_lock():
    inputs = {path.stem for path in (ROOT / "requirements").glob("*.in")}

    assert inputs == {lock.stem for lock in LOCKS}
