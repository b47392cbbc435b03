"""The text of a rule with another id."""

import pytest

from rules.documents import parse_rules
from rules.writing import with_id


def test_a_text_keeps_its_comments_and_gets_another_id():
    text = "# ours\nrules:\n- id: 'a'  # its name\n  message: a\n"

    assert with_id(text, "b") == "# ours\nrules:\n- id: b  # its name\n  message: a\n"


@pytest.mark.parametrize(
    "text",
    [
        "rules:\n- message: &name a\n  id: *name\n",
        "rules:\n- id: &name a\n  message: *name\n",
    ],
)
def test_an_id_that_an_alias_ties_to_another_value_changes_alone(text):
    (rule,) = parse_rules(with_id(text, "b"), file="f")

    assert rule.value == {"id": "b", "message": "a"}
