"""Our own rules come with the code that they must find and must leave alone.

`make check` runs these tests, and the rules over our code.
"""

import pytest
import yaml

from tests.laws.tree import ROOT

RULES = sorted((ROOT / ".semgrep").glob("*.yml"))


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_every_rule_has_an_example_of_both_kinds(path):
    (example,) = [other for other in path.parent.glob(f"{path.stem}.*") if other != path]
    text = example.read_text()

    for rule in yaml.safe_load(path.read_text())["rules"]:
        assert f"ruleid: {rule['id']}" in text
        assert f"ok: {rule['id']}" in text
        assert rule["severity"] == "ERROR"
