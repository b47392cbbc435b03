"""Guidance without a model: the rule's words, its references, and notes on its weakness."""

import re
from datetime import UTC, datetime

import pytest

from findings.models import Finding, ReportedRule
from llm.models import AssistantSettings, ModelCall
from remediation.answers import RemedyAnswer
from remediation.guidance import rule_guidance
from remediation.knowledge import remedy_for
from remediation.models import Guidance, RemedyOrigin
from remediation.remedies import write_remedy
from remediation.selectors import latest_guidance
from tests.remediation.builders import CODE, a_remedy

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
EXPECTED = """\
> `os.system` gets user input. Start the program with a list of arguments.

1. Look at the call of `os.system` in `shop/service.py`, line 6: follow `name` back to where the value is set.
2. Call the program with a list, one entry an argument, and leave the shell out of it; a library that does the same work without another program is better still.
3. Allow only expected values, from a fixed list or a narrow pattern, and put `--` before values that could begin with a dash.
4. Scan again: `acme.command` should no longer match here.

To read on:

- <https://docs.example/shell>

*From the rule's own message and from notes on CWE-78; no model was asked.*"""  # noqa: E501


def write(finding):
    write_remedy(finding_id=finding.pk, is_fresh=False, now=NOW)
    return latest_guidance(finding.pk)


def test_the_steps_name_what_stands_at_hand_and_where_they_come_from(shop):
    guidance = write(shop(CODE))

    assert guidance.summary == "Start the program with a list of arguments and without a shell"
    assert guidance.instructions == EXPECTED
    assert (guidance.origin, guidance.model_call) == (RemedyOrigin.RULE, None)
    assert not ModelCall.objects.exists()


def test_saying_it_again_changes_nothing(shop):
    finding = shop(CODE)

    assert write(finding) == write(finding)
    assert Guidance.objects.count() == 1


def test_an_organization_that_lets_no_code_leave_gets_the_rules_words(shop, script_model):
    finding = shop(CODE)
    provider = script_model(a_remedy())
    AssistantSettings.objects.create(is_enabled=False)

    assert write(finding).origin == RemedyOrigin.RULE
    assert provider.requests == []


def test_a_models_guidance_is_not_replaced_by_the_rules_words(shop, script_model):
    finding = shop(CODE)
    script_model(a_remedy())
    first = write(finding)
    AssistantSettings.objects.create(is_enabled=False)

    assert write(finding) == first


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({}, ""),
        ({"cwe": "CWE-99999"}, "One sentence. Another."),
        ({"cwe": 7, "references": {"a": 1}}, "x" * 5000),
        ({"references": ["javascript:alert(1)", "https://[", "no link", 7]}, "`` ` ```"),
        ({"references": ["https://a.example/>x", "https://a.example/ok"] * 9}, "a\n\n\nb"),
    ],
)
def test_guidance_is_written_for_any_rule(shop, metadata, message):
    finding = shop(CODE)
    ReportedRule.objects.filter(pk=finding.rule_id).update(metadata=metadata)
    Finding.objects.filter(pk=finding.pk).update(message=message)
    finding = Finding.objects.select_related("rule", "file").get(pk=finding.pk)

    answer = rule_guidance(finding, context=None)

    assert isinstance(answer, RemedyAnswer)
    assert "javascript:" not in answer.instructions
    assert answer.instructions.count("<https://") <= 5
    assert "no model was asked" in answer.instructions


def test_a_secret_in_the_rules_message_is_not_told(shop):
    finding = shop(CODE)
    key = "AKIAQ3EGTLM5XYZW7ABC"
    Finding.objects.filter(pk=finding.pk).update(message=f"The key {key} is in the code.")

    assert key not in write(finding).instructions


def test_the_frequent_weaknesses_are_known():
    frequent = (
        20, 22, 77, 78, 79, 89, 90, 94, 95, 113, 116, 117, 119, 125, 190, 200, 209, 276, 287,
        295, 306, 319, 326, 327, 328, 330, 338, 352, 362, 367, 400, 416, 434, 470, 476, 489, 502,
        522, 532, 601, 611, 614, 639, 643, 732, 776, 787, 798, 862, 863, 915, 916, 918, 942, 943,
        1004, 1275, 1321, 1333, 1336,
    )  # fmt: skip

    assert [number for number in frequent if remedy_for([number]) is None] == []
    assert remedy_for([4]) is None
    assert remedy_for([4, 89])[0] == 89


def test_no_note_names_a_version():
    for number in range(2000):
        known = remedy_for([number])
        text = " ".join(known[1].steps) if known else ""
        assert not re.search(r"\d+\.\d+", text)
