"""From a finding to the rule editor."""

from http import HTTPStatus

import pytest
from django.urls import reverse

from console.code import Place
from console.rule_start_views import WHOLE_LINES, cut_out
from tests.factories import FindingFactory, InstanceFactory, ReportedRuleFactory, RuleFactory

TEXT = """rules:
  - id: acme.no-eval
    languages: [python]
    severity: HIGH
    message: eval runs what it gets.
    pattern: eval(...)
"""


def address(finding, aim):
    return reverse("console:rule-from-finding", args=["acme", finding.id, aim])


@pytest.fixture
def finding(acme):
    finding = FindingFactory(rule=ReportedRuleFactory(check_id="acme.no-eval"))
    return InstanceFactory(finding=finding).finding


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def test_a_rule_opens_to_be_narrowed_and_says_that_its_code_is_missing(as_ada, finding):
    rule = RuleFactory(
        path="acme.no-eval", text=TEXT, test_code="# ruleid: acme.no-eval\neval(x)\n"
    )

    body = as_ada.get(address(finding, "not-here")).content.decode()

    assert "eval runs what it gets." in body
    assert "Paste the code of the finding into the test yourself." in body
    assert f'name="rule" value="{rule.id}"' in " ".join(body.split())
    assert "data-unsaved" in body


def test_a_shipped_rule_opens_as_a_copy(as_ada, finding):
    RuleFactory(path="acme.no-eval", text=TEXT, source="shipped")

    body = as_ada.get(address(finding, "not-here")).content.decode()

    assert "id: acme.no-eval-fork" in body
    assert "This is a copy of a shipped rule" in body
    assert 'name="rule"' not in body


def test_a_rule_that_is_not_in_the_library_is_not_found(as_ada, finding):
    response = as_ada.get(address(finding, "not-here"))

    assert response.status_code == HTTPStatus.NOT_FOUND
    assert "acme.no-eval is not in the library" in response.content.decode()


def test_a_new_rule_begins_with_the_language_of_the_file(as_ada, finding):
    body = as_ada.get(address(finding, "more-like-this")).content.decode()

    assert "id: more-like-no-eval" in body
    assert "- python" in body


def test_a_secret_never_becomes_a_rule(as_ada):
    secret = FindingFactory(product="secrets")

    response = as_ada.get(address(secret, "more-like-this"))

    assert response.status_code == HTTPStatus.BAD_REQUEST


def test_members_are_not_offered_it(client, mel, finding):
    client.force_login(mel)

    page = client.get(reverse("console:finding", args=["acme", finding.id]))

    assert "Find more like this" not in page.content.decode()
    assert client.get(address(finding, "more-like-this")).status_code == HTTPStatus.FORBIDDEN


def place(first, last=None, start=1, end=2):
    return Place(start_line=first, start_column=start, end_line=last or first, end_column=end)


def test_a_short_file_goes_in_whole_and_of_a_long_one_what_is_near():
    short = cut_out("a.py", "a\nb\nc\n", place(2, 3))
    text = "\n".join(str(number) for number in range(1, WHOLE_LINES + 300))
    long = cut_out("a.py", text, place(100, 101, end=4))

    assert (short.code, short.lines, short.matched_text) == ("a\nb\nc\n", (2,), "b\nc")
    assert long.code.split("\n")[0] == "70"
    assert long.code.split("\n")[-1] == "131"
    assert long.code.split("\n")[long.line - 1] == "100"
    assert long.matched_text == "100\n101"


def test_the_match_is_cut_out_by_bytes():
    assert cut_out("a.py", "é = [eval(x), 1]", place(1, start=7, end=14)).matched_text == "eval(x)"
    block = cut_out("a.py", "  if x:\n    y()\n", place(1, 2, start=3, end=8))
    assert block.matched_text == "  if x:\n    y()"


def test_a_file_that_ends_before_the_match_names_no_line():
    assert cut_out("a.py", "a\n", place(9)).lines == ()
