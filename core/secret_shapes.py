"""What secrets look like within a line: expressions, each with one group, the part to hide.

No text, however hostile, may make a search slow: every repeat is possessive, so it never goes
back over what it read (a test walks the expressions and holds that), and what can fail late is
bounded. A group repeats inside an atomic group instead: up to Python 3.11.3 a possessive repeat of
a group does not step back over the round that failed. Order matters: the surest shapes come first.
"""

import re
from dataclasses import dataclass

_START = r"(?<![A-Za-z0-9_-])"

# Names whose values are secrets whatever they look like; they stand at the end of a name.
_NAMES = (
    r"(?i:pass(?:word|wd|phrase|code)|pwd|secret|token|credentials?+"
    r"|(?:api|access|auth|private|secret|signing|encryption|account|master|service|shared"
    r"|webhook|storage|deploy|client)[_.-]?+(?:key|secret)(?:[_.-]?+id)?)[0-9]{0,3}+"
)
_SECRET_WORDS = ("pass", "pwd", "secret", "token", "credential", "key")
# Names beside which a long random value is a secret.
_KEY_LIKE_NAME = r"(?i:key|secret|token|auth|salt|sign(?:ature|ing)?|cred|hmac|pass)"
_ASSIGNS = r"[\"'\])]{0,3}+[ \t]{0,8}+(?::=|=>|!?+={1,3}+|:)[ \t]{0,8}+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind of secret. A text without any of `words`, in lower case, has none of it."""

    kind: str
    words: tuple[str, ...]
    pattern: re.Pattern[str]


def _shape(kind: str, words: tuple[str, ...], expression: str) -> Shape:
    # A mark that an earlier search left is taken as a whole, so nothing inside it can match.
    pattern = re.compile(rf"\[redacted:[a-z-]{{1,30}}+\]|(?:{expression})")
    return Shape(kind=kind, words=words, pattern=pattern)


SHAPES = (
    # Of the addresses at which code hosts call us.
    _shape("webhook-key", ("/webhook/",), r"/webhook/([0-9a-fA-F]{64})"),
    _shape(
        "aws-key",
        ("akia", "asia", "abia", "acca"),
        rf"{_START}((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{{16}})(?![A-Za-z0-9])",
    ),
    _shape(
        "github-token",
        ("gh", "github_pat_"),
        rf"{_START}(gh[pousr]_[A-Za-z0-9_]{{30,}}+|github_pat_[A-Za-z0-9_]{{20,}}+)",
    ),
    _shape(
        "gitlab-token",
        ("gl",),
        rf"{_START}(gl(?:pat|oas|dt|rtr|rt|cbt|ptt|ft|imt|agent|soat|ffct)-[\w.=-]{{20,}}+)",
    ),
    _shape(
        "slack-token",
        ("xox", "xapp-"),
        rf"{_START}((?:xox[a-z](?:\.xox[a-z])?-|xapp-)[A-Za-z0-9.-]{{10,}}+)",
    ),
    _shape(
        "slack-hook",
        ("hooks.slack.com",),
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{20,}+)",
    ),
    _shape(
        "google-key",
        ("aiza", "ya29.", "gocspx-"),
        rf"{_START}(AIza[\w-]{{35,}}+|ya29\.[\w.-]{{20,}}+|GOCSPX-[\w-]{{20,}}+)",
    ),
    _shape(
        "stripe-key",
        ("sk_", "rk_", "whsec_"),
        rf"{_START}([sr]k_(?:live|test)_[A-Za-z0-9]{{10,}}+|whsec_[A-Za-z0-9+/=]{{20,}}+)",
    ),
    _shape("openai-key", ("sk-",), rf"{_START}(sk-[A-Za-z0-9_-]{{20,}}+)"),
    _shape(
        "package-token",
        ("npm_", "pypi-", "hf_", "sg."),
        rf"{_START}(npm_[A-Za-z0-9]{{30,}}+|pypi-[\w-]{{40,}}+|hf_[A-Za-z0-9]{{30,}}+"
        r"|SG\.[\w-]{16,}+\.[\w-]{16,}+)",
    ),
    _shape(
        "jwt",
        ("eyj",),
        rf"{_START}(eyJ[A-Za-z0-9_-]{{8,}}+\.eyJ[A-Za-z0-9_-]{{8,}}+(?:\.[A-Za-z0-9_-]*+)?)",
    ),
    # `scheme://user:password@host`; a password may itself have an @.
    _shape(
        "password",
        ("://",),
        r"(?<=://)[^\s/:@\"'<>`]{0,200}+:"
        r"([^\s/@\"'<>`]{1,200}+(?:@[^\s/@\"'<>`]{1,200}+(?=@)){0,3})@",
    ),
    _shape(
        "authorization",
        ("bearer",),
        r"(?i:\bbearer)[ \t]{1,4}+([A-Za-z0-9._~+/=-]{16,}+)",
    ),
    _shape(
        "authorization",
        ("authorization",),
        r"(?i:authorization)[\"'\]]{0,2}+[ \t]{0,4}+[:=,][ \t]{0,4}+[\"']?+"
        r"(?i:basic|token|apikey|digest|negotiate|bearer)[ \t]{1,4}+([A-Za-z0-9._~+/=,:-]{6,}+)",
    ),
    _shape(
        "secret",
        _SECRET_WORDS,
        rf"{_NAMES}{_ASSIGNS}[a-zA-Z]{{0,2}}+(?:"
        r"\"((?>(?:[^\"\\\r\n]|\\.){4,}))\"|'((?>(?:[^'\\\r\n]|\\.){4,}))'|`([^`\r\n]{4,}+)`)",
    ),
    # The same in JSON that stands inside a string.
    _shape(
        "secret",
        _SECRET_WORDS,
        rf"{_NAMES}\\\"[ \t]{{0,4}}+:[ \t]{{0,4}}+\\\"([^\"\\\r\n]{{4,}}+)\\\"",
    ),
    # Without quotes it may be code: only what looks like a value and ends like one.
    _shape(
        "secret",
        _SECRET_WORDS,
        rf"{_NAMES}(?::[ \t]{{1,4}}+|=)"
        r"(?=[^\s0-9]{0,200}+[0-9])([A-Za-z0-9+/_=@!#$%^*~-]{8,500}+)(?=[\s&\"'`]|\Z)",
    ),
    # A fallback: `environ.get("DB_PASSWORD", "hunter2")`. Without a digit it is another name.
    _shape(
        "secret",
        _SECRET_WORDS,
        rf"{_NAMES}[\"'][ \t]{{0,4}}+,[ \t]{{0,4}}+[\"']"
        r"(?=[^\s\"'0-9]{0,200}+[0-9])([^\s\"'\\]{4,200}+)[\"']",
    ),
    _shape(
        "random-value",
        ("key", "secret", "token", "auth", "salt", "sign", "cred", "hmac", "pass"),
        rf"{_KEY_LIKE_NAME}[A-Za-z0-9_-]{{0,20}}+[^A-Za-z0-9\r\n]{{1,12}}+"
        r"([A-Za-z0-9+/_-]{32,}+={0,2}+)",
    ),
)
