"""Unified diffs, read and applied; hunks may stand at other lines than they say. Pure."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.edits import EditRefusedError, with_line_ends_of
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


def apply_patch(*, original: str, path: str, patch: Patch) -> str:
    """Return `original`, the text of `path`, with the patch made; raise EditRefusedError."""
    for file in patch.files:
        _refuse_other_file(file, path)
    hunks = [hunk for file in patch.files for hunk in file.hunks]
    if not any(line.sign != " " for hunk in hunks for line in hunk.lines):
        raise EditRefusedError(Reason.NO_CHANGE, "The patch changes no line.")
    lines = _split(original)
    placed = _place_hunks(lines, hunks)
    result: list[str] = []
    done = 0
    for start, hunk in placed:
        result += lines[done:start]
        result += _replaced(original, lines, start, hunk)
        done = start + len(hunk.old)
    result += lines[done:]
    text = _joined(result, ends_open=_ends_open(placed, lines))
    if text == original:
        raise EditRefusedError(Reason.NO_CHANGE, "The patch replaces lines by the same lines.")
    return text


def _split(text: str) -> list[str]:
    parts = [f"{part}\n" for part in text.split("\n")]
    parts[-1] = parts[-1][:-1]
    return parts if parts[-1] else parts[:-1]


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
    return body, position


def _is_body(line: str) -> bool:
    """Say whether a line beyond those that were announced still belongs to a hunk."""
    return line[:1] in {"+", "-", " "} and line != "-- "


def _refuse_other_file(file: FilePatch, path: str) -> None:
    """Raise EditRefusedError for all that is not a change of the text of `path`."""
    known = [side for side in (file.old_path, file.new_path) if side is not None]
    if not known or not all(_is_same(side, path) for side in known):
        raise EditRefusedError(
            Reason.TOUCHES_OTHER_FILE, f"It touches {', '.join(known) or 'no file'}, not {path}."
        )
    if file.new_path is None:
        raise EditRefusedError(Reason.DELETES_CODE, "It deletes the file.")
    if file.old_path is None or file.is_more_than_text:
        raise EditRefusedError(
            Reason.TOUCHES_OTHER_FILE, "It makes, renames or copies a file, or changes its mode."
        )


def _is_same(named: str, path: str) -> bool:
    wanted = _tidy(path)
    return _tidy(named) == wanted or (named.startswith(("a/", "b/")) and _tidy(named[2:]) == wanted)


def _tidy(path: str) -> str:
    while path.startswith("./"):
        path = path[2:]
    return path


def _place_hunks(lines: Sequence[str], hunks: Sequence[Hunk]) -> list[tuple[int, Hunk]]:
    """Return each hunk with the index of its first line in the file, in the file's order."""
    bare = [line.rstrip("\n") for line in lines]
    placed = [(_find(bare, hunk, number), hunk) for number, hunk in enumerate(hunks, start=1)]
    placed.sort(key=lambda pair: pair[0])
    for (start, hunk), (following, _next) in itertools.pairwise(placed):
        if following < start + len(hunk.old):
            raise EditRefusedError(Reason.DOES_NOT_APPLY, "Two hunks overlap.")
    return placed


def _find(bare: Sequence[str], hunk: Hunk, number: int) -> int:
    old = [line.text for line in hunk.old]
    stated = hunk.start - 1
    if not old:
        if 0 <= stated <= len(bare):
            return stated
        raise EditRefusedError(Reason.DOES_NOT_APPLY, f"Hunk {number} begins after the file's end.")
    for wanted, present in _spellings(old, bare):
        if present[stated : stated + len(wanted)] == wanted and stated >= 0:
            return stated
        places = list(_places(present, wanted))
        if len(places) > 1:
            raise EditRefusedError(
                Reason.DOES_NOT_APPLY,
                f"Hunk {number} applies twice: its lines stand in {len(places)} places.",
            )
        if places:
            return places[0]
    raise EditRefusedError(
        Reason.DOES_NOT_APPLY, f"The lines of hunk {number} do not stand in the file."
    )


def _spellings(old: list[str], bare: Sequence[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Give both sides as they are, and, where that differs, without carriage returns."""
    yield old, list(bare)
    if any(line.endswith("\r") for line in [*old, *bare]):
        yield [line.rstrip("\r") for line in old], [line.rstrip("\r") for line in bare]


def _places(present: Sequence[str], wanted: Sequence[str]) -> Iterator[int]:
    first = wanted[0]
    for index, line in enumerate(present[: len(present) - len(wanted) + 1]):
        if line == first and present[index : index + len(wanted)] == wanted:
            yield index


def _replaced(original: str, lines: Sequence[str], start: int, hunk: Hunk) -> list[str]:
    """Return what stands in place of a hunk's old lines; context stays as the file has it."""
    position = start
    is_exact = all(
        line.text == present.rstrip("\n")
        for line, present in zip(hunk.old, lines[start:], strict=False)
    )
    near = lines[start : start + max(1, len(hunk.old))] or lines[max(0, start - 1) : start]
    result = []
    for line in hunk.lines:
        if line.sign == "+":
            text = f"{line.text}\n"
            same = is_exact and hunk.old
            result.append(text if same else with_line_ends_of("".join(near) or original, text))
        else:
            if line.sign == " ":
                result.append(lines[position])
            position += 1
    return result


def _ends_open(placed: Sequence[tuple[int, Hunk]], lines: Sequence[str]) -> bool:
    """Say whether the new text ends without a line feed."""
    is_open = bool(lines) and not lines[-1].endswith("\n")
    if not placed or placed[-1][0] + len(placed[-1][1].old) < len(lines):
        return is_open
    last = placed[-1][1].lines[-1]
    if last.sign == " ":
        return is_open
    kept = [line for line in placed[-1][1].lines if line.sign != "-"]
    return bool(kept) and kept[-1].ends_file


def _joined(lines: Sequence[str], *, ends_open: bool) -> str:
    whole = "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
    if not ends_open:
        return whole
    return whole.removesuffix("\r\n") if whole.endswith("\r\n") else whole.removesuffix("\n")
