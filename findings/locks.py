"""Who may change the findings of a project: one transaction at a time.

Ingest, triage and verdicts touch the same rows and counts in different orders; without the lock
two of them could wait for each other in a circle.
"""

from collections.abc import Iterable

from tenants.scope import lock_for_transaction


def lock_projects(project_ids: Iterable[int]) -> None:
    """Wait until no other transaction changes findings of these projects, then keep others out."""
    for project_id in sorted(set(project_ids)):
        lock_for_transaction("findings.project", project_id)
