"""Text from outside notifies nobody, refers to nothing, commands nothing and forges no mark."""

import re
import string
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from core.escaping import as_block, code, code_block, link, plain, visible
from findings.models import Status
from integrations.markers import key_in
from notifications.channels.change_request import Dialect, finding_body, rule_body
from notifications.channels.markdown import line, prose
from notifications.facts import Decision
from tests.notifications.builders import EVIL, Lines, a_fix, a_notice, a_verdict, guidance

READER = MarkdownIt("commonmark", {"html": True})
ACTS = re.compile(
    r"[@~$%^&][\w\"]|[#!]\d|\b(?:[A-Z][A-Z0-9_]+|gh)-\d|https?://|www\.\w"
    r"|\b[0-9a-fA-F]{7,40}\b|\[vulnerability:|\*iteration:"
)
# The beginnings of all that acts, which plain letters would hardly ever make.
BITS = [
    "@ada", "@", "#12", "!3", "GH-1", "ACME-7", "https://x.example/issues/1", "www.x.example",
    "deadbeef1", "<details>", "</details>", "<summary>", "<!--", "-->", "<!-- assay:finding-9 -->",
    "```", "~~~", "`", "``", "\n", "\n\n", "\n/close", "/merge", "    ", "- ", "1. ", "> ", "# ",
    "===", "---", "*", "**", "_", "[", "](", ")", "![", "\\", "&", "&lt;", "&#64;", "|", "\u202e",
    "\u200b", "\x00", "\r", "$`", "~label", "%1", "*iteration:1", "[vulnerability:1]", "é", "漢",
    "suggestion", "\ue000", "mailto:a@b.c", "ada@x.example", "<https://x.example>", "\t", "word",
]  # fmt: skip
texts = st.lists(
    st.one_of(st.sampled_from(BITS), st.text(alphabet=string.printable, max_size=6)), max_size=40
).map("".join)


def words_of(body):
    """Return the texts that stand outside code and addresses, as a code host reads them."""
    return [
        node.content for node in SyntaxTreeNode(READER.parse(body)).walk() if node.type == "text"
    ]


def live(body):
    return [found[0] for text in words_of(body) for found in ACTS.finditer(text)]


def commands_in(body):
    return re.findall(r"^/[a-z]\w*", body, re.MULTILINE)


def body_of(text, dialect=Dialect.GITHUB, **changes):
    notice = a_notice(
        title=text[:100] or "x",
        message=text,
        path=text[:200] or "x",
        check_id=text[:100],
        verdict=a_verdict(reason=text, quotes=(text, text)),
        guidance=guidance(summary=text[:300] or "x", instructions=text),
        fix=a_fix(replacement=text, edits=((text, text + "x"),)),
        decision=Decision(who=text[:100], note=text[:500]),
    )
    return finding_body(
        replace(notice, **changes),
        key="finding-12",
        dialect=dialect,
        has_suggestion=True,
        links=Lines(),
        commands="/semgrep",
    )


@settings(max_examples=150, deadline=None)
@given(text=texts, status=st.sampled_from(Status), dialect=st.sampled_from(Dialect))
@example(text=EVIL, status=Status.OPEN, dialect=Dialect.GITLAB)
def test_a_comment_only_reads(text, status, dialect):
    body = body_of(text, dialect, status=status)

    assert live(body) == []
    assert commands_in(body) == []
    assert key_in(body) == "finding-12"
    assert body.endswith("\n\n<!-- assay:finding-12 -->")
    assert body.count("<!-- assay:") == 1
    assert len(body) <= 60_000
    assert not re.search(r"[\x00-\x08\u200b\u202e\ue000]", body)
    assert body == body_of(text, dialect, status=status)


@settings(max_examples=150, deadline=None)
@given(text=texts)
@example(text=EVIL)
def test_what_a_comment_unfolds_it_folds_again(text):
    blocks = list(SyntaxTreeNode(READER.parse(body_of(text))).walk())
    raw = "".join(one.content for one in blocks if one.type in {"html_block", "html_inline"})

    tags = re.findall(r"<[^>]*>", re.sub(r"<!--.*?-->", "", raw))
    # Every tag is ours, and those that unfold are closed in their order.
    names = [tag for tag in tags if tag not in {"<sub>", "</sub>"}]
    assert set(names) <= {"<details>", "</details>", "<summary>", "</summary>"}
    depth = 0
    for tag in names:
        depth += {"<details>": 1, "</details>": -1}.get(tag, 0)
        assert depth in {0, 1, 2}
    assert depth == 0


@settings(max_examples=60, deadline=None)
@given(text=texts)
def test_a_comment_on_a_rule_only_reads(text):
    rows = [a_notice(finding_id=one, path=text or "x", message=text) for one in range(60)]

    body = rule_body(rows, key="rule-1", links=Lines())

    assert (live(body), commands_in(body), key_in(body)) == ([], [], "rule-1")
    assert len(body) <= 60_000


@settings(max_examples=100, deadline=None)
@given(text=texts)
@example(text="deadbeef1www.x.example")
@example(text="*iteration:1https://x.example/issues/1*iteration:1")
def test_one_line_of_text_stays_one_line(text):
    for written in (plain(text), line(text), code(text)):
        assert "\n" not in written
        assert live(as_block(written)) == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("@ada", "@&#8203;ada"),
        ("me@ada.example", "me@&#8203;ada.example"),
        ("fixes #12", "fixes #&#8203;12"),
        ("see !4 and ACME-7", "see !&#8203;4 and ACME-&#8203;7"),
        ("<b>", "&lt;b&gt;"),
        ("a_b*c", "a\\_b\\*c"),
        ("deadbeef1.", "`deadbeef1`."),
        ("at https://x.example/a).", "at `https://x.example/a`)."),
        ("100% of 5 & 6", "100% of 5 &amp; 6"),
        ("&#64;ada", "&amp;#&#8203;64;ada"),
    ],
)
def test_words_stay_readable(text, written):
    assert plain(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("# Title", "**Title**"),
        ("![pixel](https://x.example/p.gif)", "pixel"),
        ("[here](https://x.example/a)", "here (`https://x.example/a`)"),
        ("[known](https://known.example)", "[known](https://known.example)"),
        ("<https://known.example>", "[link](https://known.example)"),
        ("[odd](javascript:alert(1))", "\\[odd\\](javascript:alert(1))"),
        ("- a\n- b", "- a\n- b"),
        ("/close", "\\/close"),
        ("1986\\. A year", "1986\\. A year"),
        ("```mermaid\nx\n```", "```\nx\n```"),
        ("```python\nx\n```", "```python\nx\n```"),
        ("> said", "> said"),
        ("a\nb", "a b"),
    ],
)
def test_foreign_markdown_is_written_anew(text, written):
    assert prose(text, links=["https://known.example"]) == written


def test_an_address_of_an_issue_is_never_linked():
    address = "https://code.example/acme/shop/issues/1"

    assert prose(f"[x]({address})", links=[address]) == f"x (`{address}`)"


def test_a_secret_is_taken_out_of_words_code_and_differences():
    key = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7xY9zA1cE3gH5"

    body = body_of(f"token = '{key}'", status=Status.OPEN)

    assert key not in body
    assert "redacted" in body


def test_code_is_fenced_by_more_ticks_than_it_holds():
    assert code("a `b` c") == "``a `b` c``"
    assert code("`") == "`` ` ``"
    assert code_block("```\nx") == "````\n```\nx\n````"


def test_a_hidden_character_shows():
    assert visible("a\u202eb\x07\tc\r\nd") == "a[U+202E]b[U+0007]\tc\nd"


def test_only_an_address_of_the_web_becomes_a_link():
    assert (
        link("x", "https://x.example/a(b)?c=1&d=2") == "[x](https://x.example/a%28b%29?c=1&amp;d=2)"
    )
    assert link("x", "javascript:alert(1)") == "x"
    assert link("x", "https://x.example/a b") == "x"


@pytest.mark.parametrize("write", [plain, code, prose])
def test_a_secret_that_a_limit_would_cut_is_taken_out_as_a_whole(write):
    secret = "ghp_" + "a1B2c3D4e5" * 3 + "F6g7h8"

    text = write("w" * 90 + " " + secret, limit=120)

    assert "a1B2c3D4e5" not in text
