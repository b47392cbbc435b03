"""What a rule of thumb says: a sign for or against a finding."""

import enum
from dataclasses import dataclass


class Direction(enum.Enum):
    """Which way a sign points."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Strength(enum.IntEnum):
    """How much a sign weighs; only a strong one can decide."""

    WEAK = 1
    MEDIUM = 2
    STRONG = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One observation in the code around a match."""

    name: str
    direction: Direction
    strength: Strength
    sentence: str
    lines: tuple[int, ...] = ()
    """1-based lines of the finding's file that show it, the most telling first."""
