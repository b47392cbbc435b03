"""Which branch of a project is the primary one, whose findings are shown first."""

from findings.models import Ref, Scan, ScanKind
from tenants.models import Project

CONVENTIONAL_NAMES = frozenset({"main", "master", "default"})


def note_primary_branch(*, project: Project, ref: Ref) -> None:
    """Learn a project's primary branch from a full scan of `ref`.

    The first branch that was scanned in full counts, until one with a conventional name is. A
    branch that was chosen by hand, so is not the first one scanned, stays.
    """
    before = project.primary_branch
    if before and (ref.name not in CONVENTIONAL_NAMES or not _was_guessed(project)):
        return
    # Compared and set in one statement: two first scans may come at the same moment.
    Project.objects.filter(pk=project.pk, primary_branch=before).update(primary_branch=ref.name)
    project.refresh_from_db(fields=["primary_branch"])


def primary_ref_of(project: Project) -> Ref | None:
    """Return the ref of a project's primary branch; None until one was scanned."""
    ref: Ref | None = Ref.objects.filter(project=project, name=project.primary_branch).first()
    return ref


def _was_guessed(project: Project) -> bool:
    if project.primary_branch in CONVENTIONAL_NAMES:
        return False
    first = (
        Scan.objects.filter(project=project, kind=ScanKind.FULL)
        .order_by("id")
        .values_list("ref__name", flat=True)
        .first()
    )
    return first == project.primary_branch
