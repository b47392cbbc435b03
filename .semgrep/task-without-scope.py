"""What the rule must find, and what it must leave alone."""


# ruleid: task-without-scope
@shared_task
def forgetful(*, organization_id: int, scan_id: int) -> None:
    plan(scan_id=scan_id)


# ruleid: task-without-scope
@shared_task(time_limit=300)
def worldwide() -> None:
    for scan in Scan.objects.all():
        plan(scan_id=scan.id)


# ruleid: task-without-scope
@shared_task(time_limit=300)
def elsewhere(*, organization_id: int) -> None:
    with organization_scope(1):
        plan()


# ok: task-without-scope
@shared_task
def scoped(*, organization_id: int, scan_id: int) -> None:
    """Plan."""
    now = timezone.now()
    with organization_scope(organization_id):
        plan(scan_id=scan_id, now=now)


# ok: task-without-scope
@shared_task(time_limit=300)
def sweep() -> None:
    """Sweep each organization."""
    for organization_id in Organization.objects.values_list("id", flat=True):
        sweep_organization(organization_id=organization_id)
