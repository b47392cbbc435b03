"""What templates make of values."""

from datetime import timedelta

import pytest

from console.templatetags.console import (
    age,
    code_spans,
    duration,
    markdown,
    rule_title,
    scan_duration,
    texts,
    web_addresses,
)
from findings.models import ReportedRule, Scan


@pytest.mark.parametrize(
    ("check_id", "metadata", "title"),
    [
        ("acme.python.sql-injection", {}, "SQL injection"),
        ("a.b.weak_password-hash", {}, "Weak password hash"),
        ("no.title.here", {"title": " Secrets in code "}, "Secrets in code"),
        ("a.b.x", {"title": ["not", "text"]}, "X"),
        ("...", {}, "..."),
    ],
)
def test_a_rule_has_a_title_for_people(acme, check_id, metadata, title):
    assert rule_title(ReportedRule(check_id=check_id, metadata=metadata)) == title


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**yes** `x<y`", "<p><strong>yes</strong> <code>x&lt;y</code></p>"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        (
            "[x](https://a.example)",
            '<p><a href="https://a.example" rel="noopener noreferrer nofollow">x</a></p>',
        ),
        ("![x](https://a.example/p.png)", '<p>!<a href="https://a.example/p.png" rel='),
    ],
)  # fmt: skip
def test_markdown_from_outside_is_harmless(text, html):
    assert html in markdown(text).strip()


def test_code_spans_are_escaped():
    assert code_spans("a `<b>` c") == "a <code>&lt;b&gt;</code> c"
    assert code_spans("an odd ` tick <") == "an odd ` tick &lt;"


def test_ages_are_short(time_machine_at_noon):
    now = time_machine_at_noon

    assert age(now - timedelta(days=400)) == "1 y"
    assert age(now - timedelta(days=45)) == "1 mo"
    assert age(now - timedelta(hours=49)) == "2 d"
    assert age(now - timedelta(minutes=61)) == "1 h"
    assert age(now + timedelta(hours=1)) == "now"
    assert age(None) == ""


@pytest.fixture
def time_machine_at_noon():
    import time_machine
    from django.utils import timezone

    with time_machine.travel("2026-11-20T12:00:00Z", tick=False):
        yield timezone.now()


def test_durations_read_well():
    assert duration(timedelta(seconds=9)) == "9 s"
    assert duration(timedelta(seconds=83)) == "1 min 23 s"
    assert duration(timedelta(hours=2, minutes=3)) == "2 h 3 min"


def test_the_scanners_word_on_its_duration_is_taken_if_it_can_be_true(acme):
    assert scan_duration(Scan(stats={"total_time": 2.5})) == timedelta(seconds=2.5)
    assert scan_duration(Scan(stats={"total_time": 1e300})) is None
    assert scan_duration(Scan(stats={"total_time": "long"})) is None


def test_metadata_fields_may_hold_anything():
    assert texts("one") == ["one"]
    assert texts(["one", 2, "", None, "two"]) == ["one", "two"]
    assert texts({"a": 1}) == texts(None) == []
    assert web_addresses(["https://a.example", "javascript:x", "ftp://b"]) == ["https://a.example"]
