"""Text from outside as Markdown that only reads: one line, a piece of code, a link; pure.

At code hosts plain text acts: `@ada` notifies, `#12`, `!12` and a commit's hash refer, a bare
address links, and a line that begins with a slash commands. Here every such beginning is parted by
a space of no width, which stands in the source as `&#8203;` for all to see.
"""

import re
import unicodedata
from collections.abc import Callable

from core.redaction import redact

_PARTED = "&#8203;"
# Stands for the parting until all else is escaped; `visible` leaves none of these in a text.
_PART = "\ue000"
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0")
# An address of any scheme: both code hosts link it, and refer where it leads to one of theirs.
_LINKED = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]{1,30}://|www\.|(?:mailto|xmpp):)[^\s<>`]+")
_HASH = re.compile(r"\b[0-9a-fA-F]{7,64}\b")
_TRIGGER = re.compile(r"(?<=[@#!$~%^&])(?=[\w.\"'\-])|(?=iteration:)|(?<=\[)(?=[a-z_]{1,30}:)")
_NUMBERED = re.compile(r"\b((?:[A-Z][A-Z0-9_]{1,20}|[Gg][Hh])-)(?=\d)")
_NO_WORD = re.compile(r"[^\w ./-]+")
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", _PART: _PARTED, **{c: f"\\{c}" for c in "\\`*_[]~|$"}}
)
_BEGINS_BLOCK = re.compile(r"(?:[#+\-=/:]|\d{1,9}(?=[.)]))")
_BACKTICKS = re.compile(r"`+")
_MARK = re.compile(r"<!--(?=\s*assay:)")
_COMMAND = re.compile(r"^(?=/[A-Za-z_])", re.MULTILINE)
_ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%\[\]]{1,2000}")
# A link to one of these leaves a note there, on whosever page it is.
_REFERS = re.compile(
    r"/(?:issues|pull|pulls|merge_requests|commits?|discussions|epics|work_items|milestones"
    r"|snippets|vulnerabilities)(?:[/?#]|$)"
)
_CUT = " […]"
# What only colors: other words after a fence draw, load or offer something.
_LANGUAGES = frozenset({
    "bash", "c", "cpp", "cs", "csharp", "css", "diff", "dockerfile", "go", "hcl", "html", "java",
    "javascript", "js", "json", "jsx", "kotlin", "php", "python", "py", "ruby", "rust", "scala",
    "sh", "sql", "swift", "text", "toml", "ts", "tsx", "typescript", "xml", "yaml", "yml",
})  # fmt: skip


def visible(text: str) -> str:
    """Return text in which every character shows: `[U+202E]` for one that only acts."""
    if text.isprintable():
        return text
    return "".join(map(_shown, text.replace("\r\n", "\n").replace("\r", "\n")))


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters, with a mark where some are left out."""
    return text if len(text) <= limit else text[: limit - len(_CUT)] + _CUT


def plain(text: str, *, limit: int = 400) -> str:
    """Return foreign text as one line that stands anywhere but at the begin of a block."""
    return escaped(_one_line(text, limit))


def escaped(text: str) -> str:
    """Return visible, redacted text as Markdown of the same words, on one line."""
    return _with_code(text, _LINKED, lambda words: _with_code(words, _HASH, _escaped_words))


def words(text: str) -> str:
    """Return foreign text as words for a title or a commit's message, which are no Markdown."""
    parted = _NUMBERED.sub(lambda found: f"{found[1][:-1]} ", _NO_WORD.sub(" ", redact(text)))
    return " ".join(parted.split())


def as_block(line: str) -> str:
    """Return a line of Markdown so that it begins a paragraph, and no list, heading or command."""
    line = line.strip()
    begins = _BEGINS_BLOCK.match(line)
    if begins is None:
        return line
    at = begins.end() if begins[0][0].isdecimal() else 0
    return f"{line[:at]}\\{line[at:]}"


def code(text: str, *, limit: int = 1000) -> str:
    """Return foreign text as code inside a line."""
    return code_span(_one_line(text, limit))


def code_span(text: str) -> str:
    """Return visible, redacted text as code inside a line; blank for none."""
    if not text.strip():
        return ""
    fence = "`" * (_longest_run(text) + 1)
    pad = " " if text[0] in " `" or text[-1] in " `" else ""
    return f"{fence}{pad}{_unmarked(text)}{pad}{fence}"


def code_block(text: str, *, language: str = "") -> str:
    """Return visible, redacted text as a block of code; no line of it is a command."""
    told = _COMMAND.sub(" ", _unmarked(text)).rstrip("\n")
    return fenced(told, word=language if language in _LANGUAGES else "")


def fenced(text: str, *, word: str) -> str:
    """Return text between fences that are longer than any run of backticks in it."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{word}\n{text}\n{fence}"


def link(label: str, url: str) -> str:
    """Return Markdown that links `label`, which is Markdown; the label alone without an address."""
    return f"[{label}]({_target(url)})" if _ADDRESS.fullmatch(url) else label


def may_link(url: str) -> bool:
    """Say whether a foreign address is one of the web, and nothing is noted where it leads."""
    return _ADDRESS.fullmatch(url) is not None and not _REFERS.search(url)


def is_exact(text: str) -> bool:
    """Say whether code can be shown as it is: nothing hidden, secret, or commanding in it."""
    return (
        "\r" not in text
        and visible(text) == text
        and redact(text) == text
        and _MARK.search(text) is None
        and _COMMAND.search(text) is None
    )


def _one_line(text: str, limit: int) -> str:
    # Cut last: of a secret that is cut first, the rest is not known for one.
    return " ".join(visible(cut(redact(text), limit)).split())


def _shown(character: str) -> str:
    if character in "\n\t":
        return character
    acts = unicodedata.category(character) in _INVISIBLE or character in _BLANKS
    return f"[U+{ord(character):04X}]" if acts else character


def _with_code(text: str, literals: re.Pattern[str], escape: Callable[[str], str]) -> str:
    """Return text with each literal as code, and with what stands between them escaped."""
    parts, end = [], 0
    for found in literals.finditer(text):
        literal = found[0].rstrip(".,;:!?)]}'\"")
        parts += [escape(text[end : found.start()]), code_span(literal)]
        end = found.start() + len(literal)
    return "".join([*parts, escape(text[end:])])


def _escaped_words(text: str) -> str:
    parted = _NUMBERED.sub(rf"\1{_PART}", _TRIGGER.sub(_PART, text))
    return parted.translate(_ESCAPES)


def _unmarked(text: str) -> str:
    return _MARK.sub("<! --", text)


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)


def _target(url: str) -> str:
    for character, code_ in (("(", "%28"), (")", "%29"), ("[", "%5B"), ("]", "%5D")):
        url = url.replace(character, code_)
    return url.replace("&", "&amp;")
