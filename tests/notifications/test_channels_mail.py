"""What a mail looks like: the same in two forms, for any mail program, and never more."""

import re
from datetime import date

import pytest

from findings.models import Severity
from notifications.channels.mail import SUBJECT_LIMIT, render_mail
from notifications.channels.mail_styles import STYLES, dark_rules
from notifications.mail_facts import (
    DigestFacts,
    DigestLine,
    FailedScanFacts,
    FoundPlace,
    FoundRule,
    Letterhead,
    MailTask,
    MondayFacts,
    Progress,
    ScanFacts,
)
from notifications.mail_texts import clean_block, clean_line

LETTERHEAD = Letterhead(
    organization="Acme",
    reason="You get this mail on Mondays because you are an admin of Acme.",
    unsubscribe_url="https://assay.example/mails/unsubscribe/x",
    preferences_url="https://assay.example/orgs/acme/settings/mails",
)


def a_task(**facts):
    return MailTask(
        **{
            "title": "Update requests to 2.32.4",
            "product": "Supply Chain",
            "project": "acme/shop",
            "rationale": "One dependency bump closes 3 of 4 critical findings.",
            "done": 1,
            "total": 4,
            "is_done": False,
            "url": "https://assay.example/orgs/acme/findings?task=1",
            **facts,
        }
    )


def monday(*tasks, **facts):
    return MondayFacts(
        **{
            "week": date(2026, 11, 23),
            "tasks": tasks or (a_task(),),
            "last_week": Progress(done=2, total=3),
            "url": "https://assay.example/",
            **facts,
        }
    )


SCAN = ScanFacts(
    project="acme/shop",
    branch="main",
    commit="0123456789ab",
    kind="Full",
    rules=[
        FoundRule(
            title="SQL injection",
            check_id="python.sql-injection",
            severity=Severity.CRITICAL,
            message="Bind it <b>as</b> a parameter.",
            places=[FoundPlace(path="app/a.py", line=3, url="https://assay.example/f/1")],
            more=2,
        )
    ],
    more_rules=1,
    count=4,
    open_counts=[(Severity.CRITICAL, 3), (Severity.LOW, 1)],
    url="https://assay.example/s/1",
    list_url="https://assay.example/f?repo=acme%2Fshop",
)
ALL = {
    "monday": monday(),
    "done": monday(a_task(done=4, is_done=True), last_week=None),
    "scan": SCAN,
    "failed": FailedScanFacts(
        project="acme/shop", branch="main", commit="", problem="The engine failed",
        detail="Fatal: <no memory left>", url="https://assay.example/s/2",
    ),
    "digest": DigestFacts(
        is_of_failures=False, more=1, url="https://assay.example/s",
        lines=[DigestLine(project="acme/shop", branch="main", count=1, url="https://a.example")],
    ),
}  # fmt: skip


def test_the_plain_text_of_a_monday_mail():
    mail = render_mail(monday(), LETTERHEAD)

    assert mail.subject == "This week in Acme: Update requests to 2.32.4"
    assert mail.text == (
        "One task for this week\n"
        "======================\n"
        "Acme, week of 23 November 2026\n"
        "\n"
        "1. Update requests to 2.32.4\n"
        "   Supply Chain in acme/shop\n"
        "   One dependency bump closes 3 of 4 critical findings.\n"
        "   1 of 4 findings closed\n"
        "   https://assay.example/orgs/acme/findings?task=1\n"
        "\n"
        "All tasks: https://assay.example/\n"
        "\n"
        "Last week: 2 of 3 findings of the tasks are closed.\n"
        "\n"
        "-- \n"
        "You get this mail on Mondays because you are an admin of Acme.\n"
        "Mail settings: https://assay.example/orgs/acme/settings/mails\n"
        "Unsubscribe: https://assay.example/mails/unsubscribe/x\n"
    )


def test_the_plain_text_of_a_scan_mail():
    mail = render_mail(SCAN, Letterhead(organization="Acme", reason="You asked."))

    assert mail.text == (
        "4 new findings\n"
        "==============\n"
        "acme/shop:main at 0123456789ab, full scan\n"
        "\n"
        "SQL injection\n"
        "-------------\n"
        "Critical, python.sql-injection\n"
        "Bind it <b>as</b> a parameter.\n"
        "\n"
        "* app/a.py:3\n"
        "  https://assay.example/f/1\n"
        "* and 2 more\n"
        "\n"
        "And findings of 1 more rule.\n"
        "\n"
        "The scan: https://assay.example/s/1\n"
        "\n"
        "Open in acme/shop: 3 critical, 1 low\n"
        "https://assay.example/f?repo=acme%2Fshop\n"
        "\n"
        "-- \n"
        "You asked.\n"
    )


@pytest.mark.parametrize("name", ALL)
def test_both_forms_tell_every_address_and_the_same_facts_give_the_same_bytes(name):
    mail = render_mail(ALL[name], LETTERHEAD)

    in_html = {one.replace("&amp;", "&") for one in re.findall(r'href="([^"]+)"', mail.html)}
    assert in_html == set(re.findall(r"https://\S+", mail.text))
    assert mail == render_mail(ALL[name], LETTERHEAD)


@pytest.mark.parametrize("name", ALL)
def test_html_fetches_nothing_and_runs_nothing(name):
    html = render_mail(ALL[name], LETTERHEAD).html

    assert not re.search(r"\bsrc=|url\(|<script|<link|<img|@import|\bon\w+=", html)


@pytest.mark.parametrize("name", ALL)
def test_what_dark_mode_changes_stands_in_the_tags_too(name):
    html = render_mail(ALL[name], LETTERHEAD).html

    for tag in re.findall(r"<[a-z0-9]+ [^>]*class=[^>]*>", html):
        assert 'style="' in tag
    for classes in re.findall(r'class="([^"]+)"', html):
        assert {one.removeprefix("m-") for one in classes.split()} <= set(STYLES)


def test_text_from_outside_is_escaped_in_html():
    html = render_mail(SCAN, LETTERHEAD).html

    assert "Bind it &lt;b&gt;as&lt;/b&gt; a parameter." in html


def test_rules_of_dark_mode_outdo_the_tags():
    assert ".m-button{background:#6357e6 !important;color:#ffffff !important}" in dark_rules()


def test_a_long_subject_is_cut():
    mail = render_mail(monday(a_task(title="x" * 300)), LETTERHEAD)

    assert len(mail.subject) == SUBJECT_LIMIT
    assert mail.subject.endswith("…")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("two\r\nlines", "two lines"),
        ("a\x00b\x1b[31mc", "a b [31mc"),
        ("left\u202eright", "left right"),
        ("  much   room  ", "much room"),
        ("123456789", "123456…"),
    ],
)
def test_text_from_outside_becomes_one_line(text, line):
    assert clean_line(text, limit=len(line) if "…" in line else 100) == line


def test_of_a_long_text_the_end_is_kept():
    assert clean_block("1\r\n2\x07\n3", limit=100, lines=2) == "…\n2\n3"
    assert clean_block("1\n2", limit=100, lines=2) == "1\n2"
