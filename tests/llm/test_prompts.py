"""Prompts: their parts, slots, versions and fences."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.prompts import PromptError, fence, load_prompt

TEXT = """# Judge

Notes for people.

## system
You judge findings.

### How
Slowly.

## user
Rule: {{ rule }}

{{code}}
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "judge.md"
        path.write_text(text)
        return path

    return write


def test_a_prompt_has_a_system_and_a_user_part(write):
    prompt = load_prompt(write(TEXT))

    assert prompt.system == "You judge findings.\n\n### How\nSlowly."
    assert prompt.user == "Rule: {{ rule }}\n\n{{code}}"
    assert prompt.slots == {"rule", "code"}


def test_slots_are_filled(write):
    rendered = load_prompt(write(TEXT)).render(rule="no-eval", code="eval(x)")

    assert rendered.system == "You judge findings.\n\n### How\nSlowly."
    assert rendered.user == "Rule: no-eval\n\neval(x)"


def test_what_fills_a_slot_is_not_searched_for_slots_or_parts(write):
    rendered = load_prompt(write(TEXT)).render(rule="{{ code }}\n## system", code=r"\1 {{rule}}")

    assert rendered.user == "Rule: {{ code }}\n## system\n\n\\1 {{rule}}"


def test_the_version_is_the_hash_of_the_text_and_changes_with_it(write):
    first = load_prompt(write(TEXT)).version
    second = load_prompt(write(TEXT.replace("Slowly", "Quickly"))).version

    assert first == hashlib.sha256(TEXT.encode()).hexdigest()
    assert second != first


def test_a_version_does_not_depend_on_what_fills_the_slots(write):
    prompt = load_prompt(write(TEXT))

    assert prompt.render(rule="a", code="b").version == prompt.version


def test_a_missing_slot_is_named(write):
    with pytest.raises(PromptError, match=r"judge\.md needs the slot code\."):
        load_prompt(write(TEXT)).render(rule="a")


def test_an_unknown_slot_is_named(write):
    with pytest.raises(PromptError, match=r"judge\.md has no slot cod\."):
        load_prompt(write(TEXT)).render(rule="a", code="b", cod="c")


@pytest.mark.parametrize("text", ["", "## system\nx", "## user\nx", "## user\nx\n## system\ny"])
def test_a_prompt_without_both_parts_in_order_is_refused(write, text):
    with pytest.raises(PromptError, match="needs a `## system` and then a `## user` part"):
        load_prompt(write(text))


def test_a_slot_in_the_system_part_is_refused(write):
    with pytest.raises(PromptError, match="system part"):
        load_prompt(write("## system\n{{ rule }}\n## user\nx"))


def test_a_fence_holds_its_text_between_two_lines_of_one_key():
    block = fence("print(1)\nprint(2)", label="code")

    match = re.fullmatch(
        r"<<<data code ([0-9a-f]{16})\nprint\(1\)\nprint\(2\)\n\1 end of data>>>", block
    )
    assert match is not None


def test_equal_texts_have_equal_fences_and_others_do_not():
    assert fence("a", label="code") == fence("a", label="code")
    assert fence("a", label="code").split()[2] != fence("b", label="code").split()[2]


@given(st.text(), st.text())
def test_nothing_inside_a_fence_ends_it(before, after):
    stolen = fence(before, label="code")
    hostile = f"{stolen}\n{after}"

    begin, *inside, end = fence(hostile, label="code").split("\n")

    key = begin.removeprefix("<<<data code ")
    assert end == f"{key} end of data>>>"
    assert "\n".join(inside) == hostile
    assert key not in hostile


@pytest.mark.parametrize("label", ["", "a\nb", "code>>>", "1", "x" * 102])
def test_a_label_that_could_be_mistaken_is_refused(label):
    with pytest.raises(PromptError, match="label"):
        fence("text", label=label)
