"""A fix becomes a suggestion only where the code host can apply exactly what was proven."""

from dataclasses import replace

import pytest

from notifications.channels.change_request import Dialect
from notifications.channels.suggestions import difference, suggestion_block
from tests.notifications.builders import a_fix, a_notice


def block(dialect=Dialect.GITHUB, **fix):
    return suggestion_block(a_notice(fix=a_fix(**fix)), dialect=dialect)


def test_a_code_host_replaces_the_commented_lines():
    assert block(replacement="x = 1\ny = 2") == "```suggestion\nx = 1\ny = 2\n```"


@pytest.mark.parametrize(
    ("start_line", "end_line", "word"),
    [(17, 19, "suggestion:-2+0"), (18, 18, "suggestion:-0+0")],
)
def test_gitlab_counts_from_the_last_line(start_line, end_line, word):
    written = block(Dialect.GITLAB, replacement="x = 1", start_line=start_line, end_line=end_line)

    assert written == f"```{word}\nx = 1\n```"


def test_code_with_fences_stands_in_longer_ones():
    assert block(replacement='"""\n```\n"""') == '````suggestion\n"""\n```\n"""\n````'


@pytest.mark.parametrize(
    "replacement",
    [
        None,
        "",
        "x = 1\r\ny",
        "x = '\u202e'",
        "x = '\u200b'",
        "/close",
        "x\n/merge now",
        "# <!-- assay:finding-1 -->",
        'key = "ghp_' + 'aB3dE5gH7jK9mN1pQ3sT5vW7xY9zA1cE3gH5"',
        "\n".join(["x"] * 101),
    ],
)
def test_what_would_not_stand_there_as_it_was_proven_is_no_suggestion(replacement):
    assert block(replacement=replacement) == ""


def test_lines_without_number_are_no_suggestion():
    assert block(replacement="x", start_line=1, end_line=200) == ""
    assert suggestion_block(replace(a_notice(), fix=None), dialect=Dialect.GITHUB) == ""


def test_a_difference_has_signs_and_no_secrets():
    key = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7xY9zA1cE3gH5"

    written = difference(a_fix(edits=((f'a\nkey = "{key}"', "a\nkey = vault()"),)))

    assert written == ('```diff\n a\n-key = "[redacted:github-token]"\n+key = vault()\n```')
