"""When two reports tell of the same finding: a pairing of what is reported with what is known.

The scanner's ids cannot be compared one by one: the number at the end of `match_based_id` counts
equal matches in a file, so it shifts when one above is added or fixed. So whole groups are paired,
in five steps, each with what the step before left over:

1. same rule, path, id without its number, and same code: nearest lines
2. same rule, path and id without its number: nearest lines
3. same rule, path and code (a rule whose pattern was edited, or a format without ids)
4. same rule and code in another path whose old path is gone: moved
5. same path, code and pattern under another rule id whose old one did not run: renamed rule

What was open is paired before what was closed. What is closed comes back only with its own code
and in its own path: a decision of long ago must not cover code that merely resembles it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from findings.alignment import align
from findings.moves import pair_files

# SHA-256 of nothing: the pattern of a rule that matches a dependency, whatever the rule.
NO_PATTERN = frozenset({"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"})


class Mark(NamedTuple):
    """What identity knows of one match; `key` is the caller's."""

    key: int
    check_id: str
    path: str
    base_id: str
    number: str
    code_hash: str
    pattern_hash: str
    line: int
    column: int
    product: str
    is_live: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a scan has looked at; None: the report does not say."""

    searched_paths: Collection[str] | None
    renamed_paths: Collection[str]
    rule_ids: Collection[str]
    reported_paths: Collection[str]
    is_diff: bool

    def is_gone(self, path: str) -> bool:
        """Say whether a file is no longer there under this path."""
        if path in self.renamed_paths:
            return True
        if self.is_diff:
            return False
        searched = self.reported_paths if self.searched_paths is None else self.searched_paths
        return path not in searched


def split_id(match_based_id: str) -> tuple[str, str]:
    """Return the scanner's id without the number at its end, and the number."""
    base, separator, number = match_based_id.rpartition("_")
    return (base, number) if separator and number.isdigit() else (match_based_id, "")


def pair(reported: Iterable[Mark], known: Iterable[Mark], checked: Checked) -> dict[int, int]:
    """Return the keys of reported matches with those of the known ones that they are."""
    return _Pairing(reported, known, checked).run()


def pair_exactly(reported: Iterable[Mark], known: Iterable[Mark]) -> dict[int, int]:
    """Return pairs of the same rule, path, whole id and code.

    For a diff scan and findings of other refs: what it reports is new at its merge base, so a
    match that only resembles one there is another one. The code counts because a match put above
    an equal one takes over its number, and must not take over its triage.
    """
    by_id = {
        _whole_id(mark): mark
        for mark in sorted(
            known, key=lambda mark: mark.is_live
        )  # what is open comes last, and wins
        if mark.base_id
    }
    pairs = {}
    for mark in reported:
        other = by_id.get(_whole_id(mark))
        if other is not None and _is_code_equal(mark, other):
            pairs[mark.key] = other.key
            del by_id[_whole_id(mark)]
    return pairs


def _whole_id(mark: Mark) -> tuple[str, str, str, str]:
    return mark.check_id, mark.path, mark.base_id, mark.number


def _is_code_equal(mark: Mark, known: Mark) -> bool:
    """Say whether nothing speaks against the same code; of what is closed, it must be known."""
    if known.is_live and not (mark.code_hash and known.code_hash):
        return True
    return mark.code_hash == known.code_hash


GroupKey = Callable[[Mark], Any]


class _Pairing:
    """One pairing under way: what is left on both sides, and the pairs so far."""

    def __init__(self, reported: Iterable[Mark], known: Iterable[Mark], checked: Checked) -> None:
        self.reported = {mark.key: mark for mark in reported}
        self.live: dict[int, Mark] = {}
        self.closed: dict[int, Mark] = {}
        for mark in known:
            (self.live if mark.is_live else self.closed)[mark.key] = mark
        self.checked = checked
        self.pairs: dict[int, int] = {}

    def run(self) -> dict[int, int]:
        self._step(self.live, _same_match)
        self._step(self.live, _same_id)
        self._same_code(self.live)
        self._moved()
        self._renamed_rule()
        self._step(self.closed, _same_match)
        self._same_code(self.closed)
        return self.pairs

    def _same_code(self, known: dict[int, Mark]) -> None:
        self._step(known, _same_code)
        self._step(known, _same_rule, reported_key=_same_rule_without_code)
        self._step(known, _same_rule_without_code, reported_key=_same_rule)

    def _moved(self) -> None:
        gone = [
            mark
            for mark in self.live.values()
            if mark.code_hash and self.checked.is_gone(mark.path)
        ]
        if not gone or not self.reported:
            return
        arrived = [mark for mark in self.reported.values() if mark.code_hash]
        renamed = pair_files(
            [(mark.path, (mark.check_id, mark.code_hash)) for mark in gone],
            [(mark.path, (mark.check_id, mark.code_hash)) for mark in arrived],
        )

        def in_new_path(mark: Mark) -> Any:
            path = renamed.get(mark.path)
            return path and (path, mark.check_id, mark.code_hash)

        leaving = {mark.key: mark for mark in gone}
        self._step(leaving, in_new_path, reported_key=_moved_to, home=self.live)
        self._step(leaving, _moved_anywhere, home=self.live)

    def _renamed_rule(self) -> None:
        off = {
            mark.key: mark
            for mark in self.live.values()
            if mark.check_id not in self.checked.rule_ids
        }
        self._step(off, _same_pattern, home=self.live)
        self._step(off, _same_name, reported_key=_same_name_without_pattern, home=self.live)
        self._step(off, _same_name_without_pattern, reported_key=_same_name, home=self.live)

    def _step(
        self,
        known: dict[int, Mark],
        known_key: GroupKey,
        *,
        reported_key: GroupKey | None = None,
        home: dict[int, Mark] | None = None,
    ) -> None:
        """Pair the groups of equal key; `home` loses what is paired, where `known` is a part."""
        if not known or not self.reported:
            return
        waiting = _groups(known.values(), known_key)
        for key, marks in _groups(self.reported.values(), reported_key or known_key).items():
            for one, other in _pairs_of(waiting.get(key, []), marks):
                self.pairs[other.key] = one.key
                del self.reported[other.key], known[one.key]
                if home is not None:
                    del home[one.key]


def _groups(marks: Iterable[Mark], key_of: GroupKey) -> dict[Any, list[Mark]]:
    groups: dict[Any, list[Mark]] = defaultdict(list)
    for mark in marks:
        key = key_of(mark)
        if key:
            groups[key].append(mark)
    return groups


def _pairs_of(known: list[Mark], reported: list[Mark]) -> Iterable[tuple[Mark, Mark]]:
    if len(known) == 1 and len(reported) == 1:
        return [(known[0], reported[0])]
    if not known:
        return ()
    for marks in (known, reported):
        marks.sort(key=_place)
    ours, theirs = [mark.line for mark in known], [mark.line for mark in reported]
    if len(ours) <= len(theirs):
        return [(known[one], reported[other]) for one, other in align(ours, theirs)]
    return [(known[other], reported[one]) for one, other in align(theirs, ours)]


def _place(mark: Mark) -> tuple[str, int, int, int]:
    return mark.path, mark.line, mark.column, mark.key


def _same_match(mark: Mark) -> Any:
    return mark.base_id and (mark.check_id, mark.path, mark.base_id, mark.code_hash)


def _same_id(mark: Mark) -> Any:
    return mark.base_id and (mark.check_id, mark.path, mark.base_id)


def _same_code(mark: Mark) -> Any:
    return mark.code_hash and (mark.check_id, mark.path, mark.code_hash)


def _same_rule(mark: Mark) -> Any:
    return mark.check_id, mark.path


def _same_rule_without_code(mark: Mark) -> Any:
    return None if mark.code_hash else (mark.check_id, mark.path)


def _moved_to(mark: Mark) -> Any:
    return mark.code_hash and (mark.path, mark.check_id, mark.code_hash)


def _moved_anywhere(mark: Mark) -> Any:
    return mark.code_hash and (mark.check_id, mark.code_hash)


def _same_pattern(mark: Mark) -> Any:
    if not mark.code_hash or mark.pattern_hash in NO_PATTERN:
        return None
    return mark.path, mark.product, mark.code_hash, mark.pattern_hash


def _same_name(mark: Mark) -> Any:
    # The folder of a config file stands before its rules' ids: `rules.acme.eval` is `acme.eval`.
    name = mark.check_id.rpartition(".")[2]
    return mark.code_hash and (mark.path, mark.product, mark.code_hash, name)


def _same_name_without_pattern(mark: Mark) -> Any:
    return None if mark.pattern_hash else _same_name(mark)
