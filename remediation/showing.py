"""What a page shows of a fix: its difference, from the code host, or the lines that it puts in."""

from dataclasses import dataclass

from core.errors import NotFoundError
from findings.models import Finding
from integrations.codehosts import CodeUnavailableError
from integrations.selectors import code_host_for
from remediation.colored_diffs import ColoredDiff, color_diff
from remediation.diffs import FileDiff, diff_texts
from remediation.edits import Edit, EditRefusedError, apply_edits
from remediation.models import FixAttempt
from remediation.selectors import shown_fix


class NoFixError(NotFoundError):
    """The finding has no such fix to show: it was replaced, or is not proven any more."""

    code = "no_fix"


class OtherCodeError(CodeUnavailableError):
    """The code host has other code at the fix's commit than the code that was proven."""

    code = "other_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """A file as the fix was proven on it, and with the fix."""

    before: str
    after: str


def fix_to_show(finding: Finding, fix_id: int) -> FixAttempt:
    """Return the finding's fix, if it is the one that may be shown; a refused one never is."""
    fix = shown_fix(finding.pk)
    if fix is None or fix.pk != fix_id:
        raise NoFixError(
            "This fix is not shown any more: a newer one has replaced it, or the code has changed."
            " Load the page again."
        )
    return fix


def patch_of(*, finding: Finding, fix: FixAttempt) -> FileDiff:
    """Return the fix as a unified diff.

    Raises CodeUnavailableError where the proven code cannot be had, TransientError for another
    try.
    """
    texts = texts_of(finding=finding, fix=fix)
    return diff_texts(path=fix.path, before=texts.before, after=texts.after)


def colored_diff_of(*, finding: Finding, fix: FixAttempt) -> ColoredDiff:
    """Return the fix as a page shows it; raises as `patch_of`."""
    texts = texts_of(finding=finding, fix=fix)
    diff = diff_texts(path=fix.path, before=texts.before, after=texts.after)
    return color_diff(diff, before=texts.before, after=texts.after)


def texts_of(*, finding: Finding, fix: FixAttempt) -> Texts:
    """Return the proven code and the fixed one; raises as `patch_of`."""
    file = code_host_for(finding.project).read_file(path=fix.path, commit=fix.commit)
    if file.content_hash != fix.content_hash:
        raise OtherCodeError(
            "The repository has other code at this commit than was proven; analyze the finding"
            " again."
        )
    edits = [Edit(search=edit["search"], replace=edit["replace"]) for edit in fix.edits]
    try:
        applied = apply_edits(original=file.text, edits=edits)
    except EditRefusedError as error:
        raise OtherCodeError(f"The fix does not fit the file any more. {error.detail}") from error
    return Texts(before=file.text, after=applied.text)
