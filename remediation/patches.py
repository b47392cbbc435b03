"""Unified diffs, applied; hunks may stand at other lines than they say; pure."""

import itertools
from collections.abc import Iterator, Sequence

from remediation.edits import EditRefusedError, with_line_ends_of
from remediation.patch_format import FilePatch, Hunk, Patch, read_patch
from remediation.reasons import Reason

__all__ = ["Patch", "apply_patch", "read_patch"]


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
