"""What scans leave out: patterns of gitignore, of the organization and of each project."""

import re
from collections.abc import Sequence

from django.db import transaction

from core.errors import InvalidInputError, NotFoundError
from tenants.audit import Actor, record_audit_event
from tenants.models import AuditEvent, Organization, Project

FIELD = "path_ignores"
LONGEST_PATTERN = 500
MOST_PATTERNS = 200
LONGEST_TEXT = MOST_PATTERNS * (LONGEST_PATTERN + 2)
OF_ORGANIZATION = "organization.path_ignores_changed"
OF_PROJECT = "project.path_ignores_changed"
_ESCAPED = re.compile(r"\\.")
_BRACKET = re.compile(r"\[.[^\]]*\]")


class PathIgnoresError(InvalidInputError):
    """A line of the patterns cannot be used; its sentence names the line, 1-based."""

    code = "invalid_path_ignore"


def read_patterns(text: str) -> list[str]:
    """Return the patterns of a text, one a line, each once; blank lines and comments are dropped.

    Raises PathIgnoresError for the first line that is wrong.
    """
    patterns: dict[str, None] = {}
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        pattern = _without_trailing_blanks(line)
        if not pattern or pattern.startswith("#"):
            continue
        if problem := _problem_of(pattern):
            raise PathIgnoresError(f"path_ignores: line {number}: {problem}", field=FIELD)
        patterns[pattern] = None
    if len(patterns) > MOST_PATTERNS:
        raise PathIgnoresError(
            f"path_ignores: {len(patterns)} patterns are too many; use {MOST_PATTERNS} at most,"
            " and folders instead of files.",
            field=FIELD,
        )
    return list(patterns)


def ignored_paths(project: Project) -> list[str]:
    """Return what a scan of the project leaves out: the organization's patterns and its own."""
    organization: Organization = project.organization
    ours = organization.path_ignores
    return list(dict.fromkeys([*ours, *project.path_ignores]))


@transaction.atomic
def set_organization_ignores(
    *, organization_id: int, patterns: Sequence[str], actor: Actor
) -> bool:
    """Store what scans of all projects leave out; say whether that changed anything."""
    row = Organization.objects.select_for_update().get(id=organization_id)
    return _store(row, patterns, actor, action=OF_ORGANIZATION, label=row.slug)


@transaction.atomic
def set_project_ignores(*, project_id: int, patterns: Sequence[str], actor: Actor) -> bool:
    """Store what scans of one project leave out besides. Raises NotFoundError for a stranger's."""
    row: Project | None = Project.objects.select_for_update().filter(id=project_id).first()
    if row is None:
        raise NotFoundError("There is no such project in this organization.")
    return _store(row, patterns, actor, action=OF_PROJECT, label=row.name)


def last_change(row: Organization | Project) -> AuditEvent | None:
    """Return who last changed the patterns of an organization or project, and when."""
    action, label = (
        (OF_PROJECT, row.name) if isinstance(row, Project) else (OF_ORGANIZATION, row.slug)
    )
    events = AuditEvent.objects.filter(action=action, object_label=label)
    newest: AuditEvent | None = events.order_by("-at", "-id").first()
    return newest


def _store(
    row: Organization | Project, patterns: Sequence[str], actor: Actor, *, action: str, label: str
) -> bool:
    before, row.path_ignores = list(row.path_ignores), list(patterns)
    if before == row.path_ignores:
        return False
    row.save(update_fields=["path_ignores"])
    record_audit_event(
        actor=actor,
        action=action,
        object_label=label,
        before={FIELD: before},
        after={FIELD: row.path_ignores},
    )
    return True


def _without_trailing_blanks(line: str) -> str:
    """Return the line as git reads it: blanks at its end do not count, but an escaped one does."""
    bare = line.strip(" \t") if not line.strip(" \t") else line.rstrip(" \t")
    escapes = len(bare) - len(bare.rstrip("\\"))
    return bare + " " if escapes % 2 and len(line) > len(bare) else bare


def _problem_of(pattern: str) -> str:
    """Return what is wrong with a pattern, and the remedy; blank where nothing is."""
    checks = (
        (
            len(pattern) > LONGEST_PATTERN,
            f"the pattern is too long; use {LONGEST_PATTERN} characters at most.",
        ),
        (not pattern.isprintable(), "take out the character that cannot be printed."),
        (
            pattern.startswith("!"),
            "patterns only add up, and `!` brings nothing back; make the other lines narrower.",
        ),
        (
            ".." in pattern.split("/"),
            "`..` leads out of the repository; begin at its root with `/`.",
        ),
        (
            not any(map(_names_something, pattern.split("/"))),
            f"`{pattern}` leaves everything out; name folders or endings, such as `vendor/`.",
        ),
        (
            pattern.endswith("\\") and not pattern.endswith("\\\\"),
            "a backslash at the end escapes nothing; take it out.",
        ),
        (_has_open_bracket(pattern), "the bracket `[` is not closed; add `]`, or write `\\[`."),
    )
    return next((problem for is_wrong, problem in checks if is_wrong), "")


def _names_something(part: str) -> bool:
    """Say whether a part of a path has a letter, a digit or a sign of its own, or is hidden.

    With wildcards alone a scan would look at nothing, and call all findings gone.
    """
    bare = _BRACKET.sub("*", _ESCAPED.sub("x", part))
    return bool(bare.strip("*?.")) or (bare[:1] == "." and bool(bare.strip(".")))


def _has_open_bracket(pattern: str) -> bool:
    place, end = 0, len(pattern)
    while place < end:
        if pattern[place] == "\\":
            place += 2
            continue
        if pattern[place] == "[":
            # A bracket that closes at once stands for itself: `[]a]`.
            close = pattern.find("]", place + 2)
            if close < 0:
                return True
            place = close
        place += 1
    return False
