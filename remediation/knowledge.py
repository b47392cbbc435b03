"""What helps against the weaknesses that scanners find most, by CWE number."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What to do about one kind of weakness: a line, and steps."""

    summary: str
    steps: tuple[str, ...]


def remedy_for(numbers: Iterable[int]) -> tuple[int, Remedy] | None:
    """Return the first of these CWE numbers that is known, and what helps against it."""
    return next(((n, _BY_NUMBER[n]) for n in numbers if n in _BY_NUMBER), None)


def _read(path: Path) -> Mapping[int, Remedy]:
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["remedy"]
    return {
        number: Remedy(summary=entry["summary"], steps=tuple(entry["steps"]))
        for entry in entries
        for number in entry["cwe"]
    }


_BY_NUMBER = _read(Path(__file__).with_suffix(".toml"))
