"""Pure: code that shows what a rule must and must not find, as test code with its comments."""

import re
from collections.abc import Collection

from rules.annotations import read_comment
from rules.languages import comment

# What a file of some languages begins with, and may not have twice.
_OPENING = re.compile(r"\A\s*(?:<\?php\b[ \t]*|package[ \t]+[\w.]+;?[ \t]*$)", re.MULTILINE)


def build_test(
    *,
    language: str,
    rule_id: str,
    bad_code: str,
    bad_lines: Collection[int],
    good_code: str,
    good_lines: Collection[int] = (),
) -> str:
    """Return test code of samples; the match in the bad one begins on `bad_lines`, 1-based.

    Without such lines it is the first that is not blank. Of the good one no line may match, and
    `good_lines` say so. A sample that has comments of its own keeps them, with this rule's id.
    """
    bad = _annotated(bad_code, kind="ruleid", rule_id=rule_id, lines=bad_lines, language=language)
    good = _annotated(good_code, kind="ok", rule_id=rule_id, lines=good_lines, language=language)
    test = join_code(bad, good)
    # Else the scanner takes it for a page without code.
    return f"<?php\n{test}" if test and language == "php" and "<?" not in test else test


def join_code(*parts: str) -> str:
    """Return pieces of code as one file, those that hold nothing left out."""
    whole = ""
    for part in parts:
        if not part.strip():
            continue
        text = part.replace("\r\n", "\n").strip("\n") + "\n"
        if whole and _OPENING.match(whole):
            text = _OPENING.sub("", text, count=1).lstrip("\n")
        whole = f"{whole}\n{text}" if whole else text
    return whole


def has_annotations(code: str) -> bool:
    """Say whether some line of `code` is a comment on a rule's matches."""
    return any(read_comment(line) for line in code.split("\n"))


def numbered(code: str) -> str:
    """Return code with the number of each line before it, for a model."""
    return "\n".join(f"{number:>4}| {line}" for number, line in enumerate(code.split("\n"), 1))


def _annotated(code: str, *, kind: str, rule_id: str, lines: Collection[int], language: str) -> str:
    rows = code.replace("\r\n", "\n").split("\n")
    if has_annotations(code):
        return "\n".join(_renamed(row, rule_id) for row in rows)
    filled = [number for number, row in enumerate(rows, 1) if _is_code(row)]
    marked = {number for number in lines if number in filled} or set(filled[:1])
    told = []
    for number, row in enumerate(rows, 1):
        if number in marked:
            indent = row[: len(row) - len(row.lstrip())]
            told.append(indent + comment(f"{kind}: {rule_id}", language=language))
        told.append(row)
    return "\n".join(told)


def _is_code(row: str) -> bool:
    return bool(row.strip()) and _OPENING.match(row) is None


def _renamed(row: str, rule_id: str) -> str:
    found = read_comment(row)
    if found is None:
        return row
    return f"{found.head} {rule_id} {found.end}".rstrip()
