"""The text of a unified diff, read into frozen values; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from remediation.edits import EditRefusedError
from remediation.reasons import Reason

MAX_PATCH_CHARACTERS = 1_000_000
NO_FILE = "/dev/null"
HUNK_HEAD = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
# What git says of a file beside its text.
BESIDE_THE_TEXT = (
    "rename from ", "rename to ", "copy from ", "copy to ", "new file mode ", "old mode ",
    "new mode ", "Binary files ", "GIT binary patch",
)  # fmt: skip
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HunkLine:
    """One line of a hunk: its sign (`+`, `-` or a space) and its text, without the line feed."""

    sign: str
    text: str
    ends_file: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """Lines that belong together; `start` is the first old one's number, 1-based, as said."""

    start: int
    lines: tuple[HunkLine, ...]

    @property
    def old(self) -> list[HunkLine]:
        """The lines that must stand in the file."""
        return [line for line in self.lines if line.sign != "+"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePatch:
    """What a patch does to one file; a path is None where it says that there is no file."""

    old_path: str | None
    new_path: str | None
    hunks: tuple[Hunk, ...]
    is_more_than_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """All that a patch does."""

    files: tuple[FilePatch, ...]


def read_patch(text: str) -> Patch:
    """Parse a unified diff of any number of files; raise EditRefusedError."""
    if "\0" in text:
        raise EditRefusedError(Reason.DOES_NOT_APPLY, "The patch holds a NUL character.")
    if len(text) > MAX_PATCH_CHARACTERS:
        raise EditRefusedError(Reason.TOO_LARGE, "The patch is longer than a million characters.")
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    files, position = [], 0
    while position < len(lines):
        if _begins_file(lines, position):
            file, position = _read_file(lines, position)
            files.append(file)
        elif lines[position].startswith("@@"):
            raise EditRefusedError(Reason.DOES_NOT_APPLY, "A hunk stands before any file name.")
        else:
            position += 1
    if not files and text.strip():
        raise EditRefusedError(Reason.DOES_NOT_APPLY, "It is not a unified diff.")
    return Patch(files=tuple(files))


def _begins_file(lines: Sequence[str], position: int) -> bool:
    line = lines[position]
    if line.startswith("diff --git "):
        return True
    following = lines[position + 1] if position + 1 < len(lines) else ""
    return line.startswith("--- ") and following.startswith("+++ ")


def _read_file(lines: Sequence[str], position: int) -> tuple[FilePatch, int]:
    """Read from one file's first line on; return it and where the next one may begin."""
    old = new = None
    is_more = deleted = False
    if lines[position].startswith("diff --git "):
        old, new = _paths_of_git(lines[position])
        position += 1
        while position < len(lines) and not _ends_head(lines, position):
            is_more = is_more or lines[position].startswith(BESIDE_THE_TEXT)
            deleted = deleted or lines[position].startswith("deleted file mode ")
            position += 1
    if position + 1 < len(lines) and lines[position].startswith("--- "):
        old, new = _path(lines[position][4:]), _path(lines[position + 1][4:])
        position += 2
    hunks, position = _read_hunks(lines, position)
    file = FilePatch(
        old_path=old,
        new_path=None if deleted else new,
        hunks=tuple(hunks),
        is_more_than_text=is_more,
    )
    return file, position


def _ends_head(lines: Sequence[str], position: int) -> bool:
    return _begins_file(lines, position) or lines[position].startswith("@@ ")


def _paths_of_git(line: str) -> tuple[str | None, str | None]:
    """Return the two paths of git's first line, where they can be told apart."""
    words = line.removeprefix("diff --git ").strip()
    middle = len(words) // 2
    if words[:middle].removeprefix("a/") == words[middle + 1 :].removeprefix("b/"):
        return _path(words[:middle]), _path(words[middle + 1 :])
    first, _space, second = words.partition(" ")
    return _path(first), _path(second)


def _path(text: str) -> str | None:
    """Return the path in a head's line, without the time behind it; None for no file."""
    text = text.rstrip("\r")
    text = _unquoted(text) if text.startswith('"') else text.partition("\t")[0].rstrip()
    return None if text == NO_FILE else text


def _unquoted(text: str) -> str:
    """Return what git put in quotes, with its escapes undone."""
    inner = text[1 : text.rfind('"')]
    raw = re.sub(
        r"\\([0-7]{3}|.)",
        lambda found: chr(int(found[1], 8)) if found[1].isdigit() else ESCAPES.get(found[1], ""),
        inner,
    )
    try:
        return raw.encode("latin-1").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return raw


def _read_hunks(lines: Sequence[str], position: int) -> tuple[list[Hunk], int]:
    hunks = []
    while position < len(lines):
        head = HUNK_HEAD.match(lines[position])
        if head is None:
            if lines[position].startswith("@@"):
                raise EditRefusedError(Reason.DOES_NOT_APPLY, "A hunk has no line numbers.")
            break
        wanted = int(head[2] or 1), int(head[4] or 1)
        body, position = _read_body(lines, position + 1, wanted)
        # Of no lines, the number is that of the line before.
        start = int(head[1]) + (wanted[0] == 0)
        hunks.append(Hunk(start=start, lines=tuple(body)))
    return hunks, position


def _read_body(
    lines: Sequence[str], position: int, wanted: tuple[int, int]
) -> tuple[list[HunkLine], int]:
    """Read a hunk's lines: as many as its head says, or, where that is wrong, up to the next."""
    old, new = wanted
    body: list[HunkLine] = []
    while position < len(lines):
        line = lines[position]
        is_counted = old > 0 or new > 0
        if line.startswith("\\") and body:
            body[-1] = HunkLine(sign=body[-1].sign, text=body[-1].text, ends_file=True)
        elif (not is_counted and (_begins_file(lines, position) or not _is_body(line))) or (
            line.startswith("@@ ")
        ):
            break
        else:
            sign = line[:1] if line.rstrip("\r") else " "
            if sign not in {" ", "+", "-"}:
                raise EditRefusedError(
                    Reason.DOES_NOT_APPLY, f"A line of a hunk begins with {sign!r}, not a sign."
                )
            body.append(HunkLine(sign=sign, text=line[1:] if line.rstrip("\r") else line))
            old -= sign != "+"
            new -= sign != "-"
        position += 1
    is_cut = max(old, new) > 0 and (old != new or all(line.sign == " " for line in body))
    if is_cut:
        raise EditRefusedError(
            Reason.DOES_NOT_APPLY, "A hunk ends before all the lines that its head announces."
        )
    return body, position


def _is_body(line: str) -> bool:
    """Say whether a line beyond those that were announced still belongs to a hunk."""
    return line[:1] in {"+", "-", " "} and line != "-- "
