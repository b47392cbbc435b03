"""Whether a value that is harmless by its form is harmless in the place where it stands."""

import re
from collections.abc import Iterable

from triage.context import JudgeContext
from triage.knowledge import Family
from triage.languages import STRING_NODES
from triage.programs import INTERPRETERS
from triage.syntax import line_of, walk

_LIVE_MARKUP = re.compile(
    r"<script|<style|javascript:|\bon\w+\s*=|\b(?:href|src|style|srcdoc|action|formaction|srcset"
    r"|data|content)\s*=|=\s*[\"']{0,2}\s*[{%+$]|=\s*[\"']$",
    re.IGNORECASE,
)
_NO_VALUE_IN_QUOTES = re.compile(r"[\"'`$\\]")
_FOLDER_BEHIND = re.compile(r"(?:\}|%s)[/\\]|\+\s*[rbf]?[\"'][/\\]\w|,\s*[\"']\w[^\"']*[\"']\s*\)$")


def may_not_fit(context: JudgeContext, lines: Iterable[int], *, family: Family) -> bool:
    """Say whether an escaped or tested text may still do harm where it is put."""
    texts = _texts(context, frozenset(lines))
    code = "\n".join([*(context.source.line(line) for line in lines), *texts])
    if family is Family.CROSS_SITE:
        return _LIVE_MARKUP.search(code) is not None or any(map(_LIVE_MARKUP.search, texts))
    if family is Family.COMMAND:
        return not _is_plain_command(texts)
    if family is Family.DIRECTORY:
        return not any("(" in text for text in texts)
    if family is Family.PATH:
        return re.search(r"\b[Bb]ase(?:name)?\(", code) is not None and any(
            _FOLDER_BEHIND.search(context.source.line(line).rstrip()) for line in lines
        )
    return family in {Family.SQL, Family.XPATH}


def _is_plain_command(texts: list[str]) -> bool:
    """Say whether the written parts name a program that runs nothing, outside any quotes."""
    words = re.findall(r"[\w.+-]+", " ".join(texts))
    first = texts[0] if texts else ""
    return (
        re.match(r"[\w./-]+\s", first) is not None
        and not any(_NO_VALUE_IN_QUOTES.search(text) for text in texts)
        and not any(re.sub(r"[\d.]+$", "", word) in INTERPRETERS for word in words)
    )


def _texts(context: JudgeContext, lines: frozenset[int]) -> list[str]:
    """Return what is written in the strings that begin on these lines, of several lines too."""
    found = []
    for node in walk(context.source.root):
        parent = node.parent
        is_outer = parent is None or parent.type not in STRING_NODES
        if node.type in STRING_NODES and node.is_named and is_outer and line_of(node) in lines:
            text = re.sub(
                r"^[a-zA-Z]{0,2}(\"\"\"|'''|[\"'`])|(\"\"\"|'''|[\"'`])$",
                "",
                context.source.text_of(node),
            )
            found.append(re.sub(r"\$?\{[^{}]*\}", "{}", text) if "{" in text else text)
    return found
