"""What change requests did about their findings before anything was merged, noted as it happens.

So counting it takes no look at instances, scans or activities.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Case, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.lookups import LessThan

from findings.locks import lock_projects
from findings.models import BROKEN_OFF, Finding, Instance, Scan, ScanKind

_YES, _NO = Value(value=True), Value(value=False)


def note_gone_early(ref_ids: Collection[int]) -> None:
    """Note of all findings that stand on these refs whether the newest diff scan left them out.

    A diff scan closes nothing: what it reports again carries its number, so an instance that a
    later scan of the same ref has left behind is gone. Call it where such a scan came in or turns
    out to have broken off, inside a transaction that has locked the projects.
    """
    if not ref_ids:
        return
    here = Instance.objects.filter(ref__in=ref_ids)
    newest: QuerySet[Scan] = Scan.objects.filter(
        ref=OuterRef("ref"), kind=ScanKind.DIFF, ingested_at__isnull=False
    ).exclude(status__in=BROKEN_OFF)
    instance = Instance.objects.filter(finding=OuterRef("pk"), ref=OuterRef("ref"))
    is_gone = LessThan(
        Subquery(instance.values("last_scan")[:1]),
        Subquery(newest.order_by("-pk").values("pk")[:1]),
    )
    standing = Finding.objects.filter(pk__in=here.values("finding"), ref__in=ref_ids)
    noted = Case(When(is_gone, then=_YES), default=_NO)
    standing.exclude(is_gone_early=noted).update(is_gone_early=noted)


@transaction.atomic
def note_shown_early(finding_ids: Collection[int]) -> None:
    """Note that a comment in a change request speaks of these findings."""
    unseen = Finding.objects.filter(pk__in=finding_ids, is_shown_early=False)
    lock_projects(unseen.order_by().values_list("project_id", flat=True).distinct())
    unseen.update(is_shown_early=True)
