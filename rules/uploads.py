"""What somebody chose to import: rule files with the tests beside them, and the rest; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from rules.archives import (
    MAX_ENTRIES,
    MAX_UNPACKED_BYTES,
    MAX_UPLOAD_BYTES,
    MEBIBYTE,
    ArchiveRefusedError,
    is_archive,
    open_archive,
    problem_of_name,
    too_large,
)
from rules.candidates import Refusal, RuleFile
from rules.documents import RuleFileError, decode
from rules.texts import MAX_TEST_CHARACTERS

SUFFIXES = (".yml", ".yaml")
TEST_SUFFIXES = (".test.yml", ".test.yaml")
# Where scanners look for rules, though its name is that of a hidden folder.
VISIBLE = {".semgrep"}
TWICE = "another file has its name: pack both in an archive."
LONG_TEST = f"a test has at most {MAX_TEST_CHARACTERS:,} characters: leave out what proves nothing."
MAX_ARCHIVES = 5
MAX_RULE_FILES = 3000
MAX_KEPT_CHARACTERS = 20 * MEBIBYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file as it came; `name` may have folders."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """Rule files with their tests, what is refused, and how many files are neither."""

    files: tuple[RuleFile, ...]
    refused: tuple[Refusal, ...]
    skipped: int


def read_uploads(uploads: Sequence[Upload]) -> Package:
    """Sort out files, and those in archives. Raises ArchiveRefusedError for too much of it."""
    if len(uploads) > MAX_ENTRIES or sum(len(one.body) for one in uploads) > MAX_UPLOAD_BYTES:
        raise ArchiveRefusedError(
            f"files: that is more than {MAX_UPLOAD_BYTES // MEBIBYTE} MiB or {MAX_ENTRIES:,} files;"
            " import them in parts.",
            field="files",
        )
    if sum(is_archive(one.body) for one in uploads) > MAX_ARCHIVES:
        raise ArchiveRefusedError(
            f"files: these are more than {MAX_ARCHIVES} archives; import them in parts.",
            field="files",
        )
    bodies: dict[str, bytes] = {}
    refused: list[Refusal] = []
    skipped = 0
    left = MAX_UNPACKED_BYTES
    for upload in uploads:
        found, names = _opened(upload, refused)
        left -= sum(map(len, found.values()))
        if left < 0:
            raise too_large()
        refused += [_refusal(name, TWICE) for name in sorted(names & bodies.keys())]
        for name, body in found.items():
            bodies.setdefault(name, body)
        skipped += len(names - found.keys())
    return _sorted_out(bodies, refused, skipped)


def is_rule_file(name: str) -> bool:
    """Say whether a file of this name holds rules."""
    return name.lower().endswith(SUFFIXES) and not name.lower().endswith(TEST_SUFFIXES)


def stem_of(name: str) -> str:
    """Return what a rule file and its tests have in common: the path without the suffix."""
    path = PurePosixPath(name)
    for suffix in TEST_SUFFIXES:
        if path.name.lower().endswith(suffix):
            return str(path.with_name(path.name[: -len(suffix)]))
    return str(path.with_suffix(""))


def printable(name: str) -> str:
    """Return a name without signs that cannot be shown, or not be stored."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in name)


def _opened(upload: Upload, refused: list[Refusal]) -> tuple[Mapping[str, bytes], set[str]]:
    """Return the files that may be of use, by name, and all names; note what is refused."""
    if not is_archive(upload.body):
        problem = problem_of_name(upload.name)
        if problem:
            refused.append(_refusal(upload.name, problem))
            return {}, set()
        return {upload.name: upload.body}, {upload.name}
    archive = open_archive(upload.body, name=upload.name)
    refused += [_refusal(one.name, one.problem) for one in archive.members if one.problem]
    seen: set[str] = set()
    for one in archive.members:
        if one.name in seen:
            refused.append(_refusal(one.name, "the archive has two files of its name."))
        seen.add(one.name)
    names = {one.name for one in archive.members if not one.problem and one.name[-1:] != "/"}
    stems = {stem_of(name) for name in names if is_rule_file(name)}
    found = archive.read(lambda name: _is_visible(name) and stem_of(name) in stems)
    return found, names


def _sorted_out(bodies: Mapping[str, bytes], refused: list[Refusal], skipped: int) -> Package:
    tests: dict[str, dict[str, str]] = {}
    texts: dict[str, str] = {}
    used: set[str] = set()
    stems = {stem_of(name) for name in bodies if is_rule_file(name) and _is_visible(name)}
    for name in sorted(bodies):
        if stem_of(name) not in stems or not _is_visible(name):
            continue
        try:
            text = decode(bodies[name], place=name)
        except RuleFileError as error:
            refused.append(Refusal(place=name, rule_id="", reason=error.detail))
            continue
        finally:
            used.add(name)
        if is_rule_file(name):
            texts[name] = text
        elif len(text) > MAX_TEST_CHARACTERS:
            refused.append(_refusal(name, LONG_TEST))
        else:
            tests.setdefault(stem_of(name), {})[PurePosixPath(name).name] = text
    _refuse_too_much(texts, tests.values())
    return Package(
        files=tuple(
            RuleFile(place=name, text=text, tests=tests.get(stem_of(name), {}))
            for name, text in texts.items()
        ),
        refused=tuple(refused),
        skipped=skipped + len(bodies.keys() - used),
    )


def _refuse_too_much(texts: Mapping[str, str], tests: Iterable[Mapping[str, str]]) -> None:
    kept = sum(map(len, texts.values())) + sum(len(t) for by in tests for t in by.values())
    if len(texts) > MAX_RULE_FILES or kept > MAX_KEPT_CHARACTERS:
        raise ArchiveRefusedError(
            f"files: there are more than {MAX_RULE_FILES:,} rule files, or more than"
            f" {MAX_KEPT_CHARACTERS // MEBIBYTE} MiB of text in them; import them in parts.",
            field="files",
        )


def _is_visible(name: str) -> bool:
    parts = name.split("/")
    return not any(
        part == "__MACOSX" or (part[:1] == "." and part not in VISIBLE) for part in parts
    )


def _refusal(name: str, reason: str) -> Refusal:
    return Refusal(place=printable(name)[:300], rule_id="", reason=reason)
