"""Reading commands in comments of change requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.markers import marker
from triage.commands import BadCommand, Command, Verb, read_command


def read(text):
    return read_command(text, prefix="/semgrep")


@pytest.mark.parametrize(
    ("text", "verb", "note"),
    [
        ("/fp it is escaped", "fp", "it is escaped"),
        ("/ar behind the VPN", "ar", "behind the VPN"),
        ("/other we delete this next week", "other", "we delete this next week"),
        ("/ignore legacy", "ignore", "legacy"),
        ("/open", "open", ""),
        ("/open I was wrong", "open", "I was wrong"),
        ("/semgrep ignore legacy", "ignore", "legacy"),
        ("/semgrep open", "open", ""),
        ("/semgrep open again", "open", "again"),
        ("/semgrep assistant agree", "agree", ""),
        ("/semgrep assistant agree we escape it", "agree", "we escape it"),
        ("/semgrep assistant disagree", "disagree", ""),
        ("/semgrep assistant disagree: it is reachable", "disagree", "it is reachable"),
        ("/semgrep remember use `run()`", "remember", "use `run()`"),
        ("/semgrep help", "help", ""),
        ("/semgrep help me please", "help", ""),
        ("/FP Because", "fp", "Because"),
        ("/SemGrep Assistant AGREE.", "agree", ""),
        ("/fp: because", "fp", "because"),
        ("/fp\nbecause", "fp", "because"),
        ("/fp\u00a0because", "fp", "because"),
        ("  \n\n /fp because  \n", "fp", "because"),
        ("/fp because\r\n\r\nof that\r\n", "fp", "because\n\nof that"),
        ("> /ar quoted\n\n/fp because", "fp", "because"),
        ("/fp because\n> a quoted reply", "fp", "because"),
        ("```\n/ar code\n```\n/fp because", "fp", "because"),
        ("~~~~\n/ar code\n~~~\n~~~~\n/fp because", "fp", "because"),
        ("<!-- /ar hidden -->\n/fp because", "fp", "because"),
        ("/fp because <!-- hidden\nhidden --> of that", "fp", "because  of that"),
        ("\ufeff\u202e/fp be\u2066cause", "fp", "because"),
        ("/fp a \x00 b \ud800", "fp", "a \ufffd b \ufffd"),
        ("/fp あ", "fp", "あ"),
        ("/fp " + "w" * 3000, "fp", "w" * 3000),
        ("/semgrep remember " + "w" * 2000, "remember", "w" * 2000),
    ],
)
def test_a_command_is_read_with_its_note(text, verb, note):
    command = read(text)

    assert isinstance(command, Command)
    assert (command.verb, command.note) == (Verb(verb), note)
    assert command.has_prefix == ("/semgrep" in text.lower())


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "Thank you!",
        "I think /fp fits",
        "Thank you!\n/fp because",
        "/approve",
        "/lgtm",
        "/fp-not because",
        "/fp/path/of/a/file",
        "/fp.json is wrong",
        "/open.txt",
        "/openly",
        "/semgrepx help",
        "// a comment",
        "/",
        "> /fp because",
        "   > /fp because\n",
        "```\n/fp because\n```",
        "```\n/fp because",
        "~~~ sh\n/fp because\n~~~",
        "<!-- /fp because -->",
        "<!-- /fp because",
        "    /fp because",
        "\t/fp because",
        "`/fp because`",
        "**/fp** because",
        "\uff0ffp because",
        f"/fp because\n\n{marker('answer-7')}",
    ],
)
def test_other_comments_are_no_commands(text):
    assert read(text) is None


def test_our_mark_in_a_quote_makes_no_comment_ours():
    text = f"> it said this\n> {marker('finding-7')}\n\n/fp because"

    assert read(text) == Command(verb=Verb.FALSE_POSITIVE, note="because")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("/fp", "Say why, in the same comment."),
        ("/ar   ", "Say why, in the same comment."),
        ("/other ...", "Say why, in the same comment."),
        ("/ignore <!-- because -->", "Say why, in the same comment."),
        ("/fp > because", None),
        ("/fp\n> because", "Say why, in the same comment."),
        ("/semgrep ignore", "Say why, in the same comment."),
        ("/semgrep remember", "Write what is to be remembered, in the same comment."),
        ("/semgrep", "This command is not one that is known here."),
        ("/semgrep frobnicate", "This command is not one that is known here."),
        ("/semgrep assistant", "This command is not one that is known here."),
        ("/semgrep assistant maybe", "This command is not one that is known here."),
        ("/fp " + "w" * 3001, "Your text has 3,001 characters; use at most 3,000."),
        ("/open " + "w" * 60_000, "Your text has 60,000 characters; use at most 3,000."),
        (
            "/semgrep remember " + "w" * 2001,
            "Your text has 2,001 characters; use at most 2,000.",
        ),
    ],
)
def test_what_begins_like_a_command_is_told_what_it_misses(text, problem):
    command = read(text)

    assert (command.problem if isinstance(command, BadCommand) else None) == problem


def test_the_prefix_is_the_organizations_own():
    assert read_command("/scan help", prefix="/scan") == Command(verb=Verb.HELP, has_prefix=True)
    assert read_command("/semgrep help", prefix="/scan") is None
    assert read_command("/fp because", prefix="/scan").verb == Verb.FALSE_POSITIVE


_PIECES = st.sampled_from(
    [
        "/fp ",
        "/semgrep ",
        "assistant agree ",
        "> ",
        "```\n",
        "<!-- ",
        "-->",
        "\n",
        " ",
        "why",
        "\x00",
    ]
)


@given(st.lists(st.one_of(_PIECES, st.text(max_size=5)), max_size=30).map("".join))
def test_any_text_is_read_and_what_is_read_can_be_kept(text):
    command = read(text)

    note = command.note if isinstance(command, Command) else ""
    assert "\x00" not in note
    assert note == note.strip()
    assert len(note) <= 3000
    assert read(f"> {text}".replace("\n", "\n> ").replace("\r", "")) is None


@pytest.mark.parametrize(
    "piece", ["<!--", "```\n", "> \n", " ", "/fp ", "<!-- -->", "\n", "\u202e"]
)
def test_a_huge_text_is_read_in_one_go(piece):
    read(piece * (1_000_000 // len(piece)))
