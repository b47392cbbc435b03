"""Secrets out of texts."""

import logging
import re
import re._constants as words
import re._parser as parser
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core import redaction
from core.redaction import RedactingFilter, redact
from core.secret_shapes import SHAPES

# No real secret, and put together here, so that no scanner takes them for one.
LETTERS = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG"
HEX = "0123456789abcdef0f1e2d3c4b5a6978"
PEM_LINE = LETTERS * 2
AWS = "AKIA" + "IOSFODNN7EXAMPLE"
JWT = f"eyJ{LETTERS}.eyJ{LETTERS}.{LETTERS}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"id {AWS}.", "id [redacted:aws-key]."),
        (
            f"Not Found: /integrations/github/webhook/{'0a' * 32}",
            "Not Found: /integrations/github/webhook/[redacted:webhook-key]",
        ),
        (f"ghp_{LETTERS}1234", "[redacted:github-token]"),
        (f"x ghs_{LETTERS}_1234 y", "x [redacted:github-token] y"),
        (f"github_pat_11{LETTERS}_{LETTERS}", "[redacted:github-token]"),
        (f"glpat-{LETTERS}", "[redacted:gitlab-token]"),
        (f"glrt-{LETTERS}.01.abc", "[redacted:gitlab-token]"),
        (f"xoxb-123456789012-{LETTERS}", "[redacted:slack-token]"),
        (f"xapp-1-A0-{LETTERS}", "[redacted:slack-token]"),
        (
            "https://hooks.slack.com/services/" + f"T00000000/B00000000/{LETTERS}",
            "https://hooks.slack.com/services/[redacted:slack-hook]",
        ),
        (f"AIza{LETTERS}abc", "[redacted:google-key]"),
        (f"ya29.{LETTERS}", "[redacted:google-key]"),
        (f"sk_live_{LETTERS}", "[redacted:stripe-key]"),
        (f"rk_test_{LETTERS}", "[redacted:stripe-key]"),
        (f"whsec_{LETTERS}", "[redacted:stripe-key]"),
        (f"sk-proj-{LETTERS}_{LETTERS}", "[redacted:openai-key]"),
        (f"sk-ant-api03-{LETTERS}", "[redacted:openai-key]"),
        (f"npm_{LETTERS}1234", "[redacted:package-token]"),
        (JWT, "[redacted:jwt]"),
        (
            "postgres://shop:s3cr3t@db.example/shop",
            "postgres://shop:[redacted:password]@db.example/shop",
        ),
        ("redis://:s3cr3t@cache:6379", "redis://:[redacted:password]@cache:6379"),
        ("https://u:p@ss@w0rd@host/", "https://u:[redacted:password]@host/"),
        (f"Authorization: Bearer {LETTERS}", "Authorization: Bearer [redacted:authorization]"),
        ("Authorization: Basic YWRhOnB3", "Authorization: Basic [redacted:authorization]"),
        (
            '{"Authorization": "token abcdef123"}',
            '{"Authorization": "token [redacted:authorization]"}',
        ),
        ('password = "hunter2"', 'password = "[redacted:secret]"'),
        ("PASSWORD='hunter2'", "PASSWORD='[redacted:secret]'"),
        ('DB_PASSWORD := "hunter2"', 'DB_PASSWORD := "[redacted:secret]"'),
        ('{"api_key": "hunter2"}', '{"api_key": "[redacted:secret]"}'),
        ('config["apiKey"] = "hunter2"', 'config["apiKey"] = "[redacted:secret]"'),
        ('clientSecret: "hunter2",', 'clientSecret: "[redacted:secret]",'),
        ('"secret" => "hunter2"', '"secret" => "[redacted:secret]"'),
        ('if token == "hunter2":', 'if token == "[redacted:secret]":'),
        ('if (token !== "hunter2")', 'if (token !== "[redacted:secret]")'),
        ('password = b"hunter2"', 'password = b"[redacted:secret]"'),
        (r'password = "hun\"ter2"', 'password = "[redacted:secret]"'),
        ('"{\\"password\\": \\"hunter2\\"}"', '"{\\"password\\": \\"[redacted:secret]\\"}"'),
        (
            'environ.get("DB_PASSWORD", "hunter2")',
            'environ.get("DB_PASSWORD", "[redacted:secret]")',
        ),
        ("SECRET_KEY=hunter2-hunter3", "SECRET_KEY=[redacted:secret]"),
        ("password: hunter2hunter", "password: [redacted:secret]"),
        ("?token=abcdef123&x=1", "?token=[redacted:secret]&x=1"),
        (f'signing_salt = "{HEX}"', 'signing_salt = "[redacted:random-value]"'),
        (f'set_key("{LETTERS}==")', 'set_key("[redacted:random-value]")'),
        (f"X-Key-Id: {LETTERS}", "X-Key-Id: [redacted:random-value]"),
    ],
)
def test_a_secret_is_replaced_and_its_surroundings_stay(text, expected):
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "def login(password: str, token: str | None = None) -> User:",
        "connect(password=password, token=token)",
        'password = request.form["password"]',
        "password = os.environ['DB_PASSWORD']",
        'password = ""',
        'password = "${DB_PASSWORD}"',
        'password = "{{ password }}"',
        'api_key = "<your key>"',
        'api_key = "********"',
        'query("... WHERE password = %s", (password,))',
        'f"postgres://{user}:{password}@{host}/db"',
        'headers = {"Authorization": f"Bearer {token}"}',
        "Authorization: request.headers.get(name)",
        '<input type="password" name="password">',
        'fields = ["password", "username"]',
        "cache_key = some_function_with_a_very_long_name_indeed(argument)",
        "commit 0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c",
        "sha256 of the monkey",
        "task-runner sk-short AKIASHORT",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        'if text.startswith("-----BEGIN PRIVATE KEY-----"):\n    return parse(text)',
        "see https://example.com:8080/path@tag",
    ],
)
def test_what_is_no_secret_stays(text):
    assert redact(text) == text


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
def test_a_private_key_leaves_its_lines(kind):
    lines = f"{PEM_LINE}\n{PEM_LINE}"
    key = f"-----BEGIN {kind}PRIVATE KEY-----\n{lines}\n-----END {kind}PRIVATE KEY-----"

    assert redact(f"a\n{key}\nb") == "a\n[redacted:private-key]\n\n\n\nb"


def test_a_private_key_within_a_string_is_replaced():
    key = rf"-----BEGIN PRIVATE KEY-----\n{PEM_LINE}\nab==\n-----END PRIVATE KEY-----\n"

    assert redact(f'key = "{key}"') == 'key = "[redacted:private-key]\\n"'


def test_of_a_private_key_that_was_cut_off_only_the_key_is_replaced():
    story = f"And then a long story, which has nothing to do with it, is told.\n{'a' * 40}\n"
    text = f"12 | -----BEGIN PRIVATE KEY-----\n13 | {PEM_LINE}\n14 | {PEM_LINE}\n\n{story}"

    redacted = redact(text)

    assert PEM_LINE not in redacted
    assert redacted.endswith(story)
    assert redacted.count("\n") == text.count("\n")


def test_a_secret_in_a_line_of_ten_thousand_characters_is_found():
    line = "x = 1;" * 1000 + 'password = "hunter2";' + "y = 2;" * 1000

    assert redact(line) == line.replace("hunter2", "[redacted:secret]")


def test_a_very_long_secret_is_replaced_as_a_whole():
    assert redact(f"sk-{LETTERS * 1000}!") == "[redacted:openai-key]!"


PIECES = st.sampled_from(
    [
        AWS, f"ghp_{LETTERS}1234", f"sk-{LETTERS}", JWT, HEX, LETTERS, PEM_LINE, "hunter2", "key",
        "password", "token", "api_key", "secret_access_key", "authorization", "bearer ", "basic ",
        "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "[redacted:secret]", "aws-key",
        "[redacted:", "://", "user:", "@host", "=", ":", " ", '"', "'", "`", "\\", "\n", "\r", ",",
        "-", "[", "]", "{", "}", "/", ".", "1", "==", "xoxb-", "\u0130", "\u00e9", "\x00", "\u2028",
    ]
)  # fmt: skip
HOSTILE = st.lists(PIECES | st.text(max_size=5), max_size=25).map("".join)


@given(HOSTILE)
@example('password="[redacted:secret]tail"')
@example("://[redacted:secret]x@host")
def test_a_second_run_changes_nothing(text):
    once = redact(text)

    assert redact(once) == once


@given(HOSTILE)
def test_a_text_never_grows_absurdly_and_keeps_its_lines(text):
    redacted = redact(text)

    assert len(redacted) <= 8 * len(text)
    assert redacted.count("\n") == text.count("\n")


@given(st.text(alphabet="abcdefgh \n.,;()", max_size=200))
def test_prose_stays(text):
    assert redact(text) == text


def _walk(parsed):
    """Give each node of a parsed expression."""
    for operation, argument in parsed:
        yield operation, argument
        if operation is words.ATOMIC_GROUP:
            continue  # what it read it never reads again
        children = argument if isinstance(argument, tuple | list) else (argument,)
        for child in children:
            for part in child if isinstance(child, list) else (child,):
                if isinstance(part, parser.SubPattern):
                    yield from _walk(part)


EXPRESSIONS = [
    *(pytest.param(shape.pattern, id=f"{n}-{shape.kind}") for n, shape in enumerate(SHAPES)),
    *(
        pytest.param(value, id=name)
        for name, value in vars(redaction).items()
        if isinstance(value, re.Pattern)
    ),
]


@pytest.mark.parametrize("pattern", EXPRESSIONS)
def test_no_search_goes_back_over_what_it_read(pattern):
    """Each repeat is possessive, or so short that going back costs nothing."""
    loose = [
        (argument[0], argument[1])
        for operation, argument in _walk(parser.parse(pattern.pattern, pattern.flags))
        if operation in {words.MAX_REPEAT, words.MIN_REPEAT}
        and argument[0] != argument[1]
        and argument[1] > 4
    ]

    assert loose == []


def _is_one_character(repeated):
    simple = {words.LITERAL, words.NOT_LITERAL, words.IN, words.ANY}
    return len(repeated) == 1 and repeated[0][0] in simple


@pytest.mark.parametrize("pattern", EXPRESSIONS)
def test_no_group_repeats_possessively(pattern):
    """Up to Python 3.11.3 such a repeat does not step back over the round that failed."""
    groups = [
        argument
        for operation, argument in _walk(parser.parse(pattern.pattern, pattern.flags))
        if operation is words.POSSESSIVE_REPEAT and not _is_one_character(argument[2])
    ]

    assert groups == []


def test_the_walk_finds_a_loose_repeat():
    nodes = _walk(parser.parse(r"(?:a(b+)|(?=c*))d++", 0))

    assert [operation for operation, _ in nodes].count(words.MAX_REPEAT) == 2


@pytest.mark.parametrize(
    "piece",
    [
        'password="', "token=", "token=a1", "eyJ", "eyJaaaaaaaa.", "://a:", "a@", "key/", "xoxb-",
        "authorization: basic ", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n",
        "password='\"`", "password=\"\\", "SG.aaaaaaaaaaaaaaaa.", "bearer ", "AKIA", "[redacted:",
    ],
)  # fmt: skip
def test_the_work_grows_with_the_length_and_no_faster(piece, count_steps):
    short = count_steps(piece * 200)
    long = count_steps(piece * 800)

    assert long <= 4.5 * short + 500


@pytest.fixture
def count_steps():
    """Return a function that counts the calls which a redaction makes, into C as well."""

    def count(text):
        calls = 0

        def step(_frame, event, _argument):
            nonlocal calls
            calls += event in {"call", "c_call"}

        sys.setprofile(step)
        try:
            redact(text)
        finally:
            sys.setprofile(None)
        return calls

    return count


def _record(message, *arguments, **extra):
    return logging.LogRecord("shop", logging.INFO, "shop.py", 1, message, arguments, None, **extra)


class Unprintable:
    def __str__(self):
        raise ZeroDivisionError


def test_a_log_line_is_redacted_with_its_arguments():
    record = _record("login %s with %r", "ada", {"password": "hunter2"})

    assert RedactingFilter().filter(record)

    assert record.getMessage() == "login ada with {'password': '[redacted:secret]'}"


def test_a_per_cent_sign_in_a_redacted_line_does_no_harm():
    record = _record("%s", "100 %s")

    RedactingFilter().filter(record)

    assert record.getMessage() == "100 %s"


@pytest.mark.parametrize("arguments", [("a", "b"), (Unprintable(),)])
def test_arguments_that_do_not_fit_break_nothing(arguments):
    record = _record("password='hunter2' %s", *arguments)

    RedactingFilter().filter(record)

    assert record.getMessage() == (
        "password='[redacted:secret]' %s (its arguments cannot be shown)"
    )


def test_the_text_of_an_exception_is_redacted():
    try:
        int("postgres://shop:s3cr3t@db/shop")
    except ValueError:
        record = _record("failed")
        record.exc_info = sys.exc_info()

    RedactingFilter().filter(record)

    line = logging.Formatter().format(record)
    assert line.startswith("failed\nTraceback")
    assert line.endswith("with base 10: 'postgres://shop:[redacted:password]@db/shop'")


def test_the_stack_of_a_log_line_is_redacted():
    record = _record("here", sinfo="Stack:\n  password = 'hunter2'")

    RedactingFilter().filter(record)

    assert record.stack_info == "Stack:\n  password = '[redacted:secret]'"


def test_the_settings_put_the_filter_before_the_console(settings):
    handler = settings.LOGGING["handlers"]["console"]

    assert handler["filters"] == ["redact"]
    assert settings.LOGGING["filters"]["redact"] == {"()": "core.redaction.RedactingFilter"}
