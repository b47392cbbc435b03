"""Every stored credential of an organization, brought under the newest key."""

from collections.abc import Callable, Iterator

from django.apps import apps
from django.db import transaction

from core.encryption import CredentialUnreadableError, rotate
from tenants.models import TenantModel

PREFIX = "encrypted_"


def rotate_all() -> tuple[int, int]:
    """Encrypt the organization's credentials anew; return how many there were, and how many lost.

    One that no key fits is left as it is and holds none of the others back.
    """
    rotated = lost = 0
    for attempt in _attempts():
        try:
            rotated += attempt()
        except CredentialUnreadableError:
            lost += 1
    return rotated, lost


def encrypted_columns() -> list[tuple[type[TenantModel], str]]:
    """Return every column of every app that holds a credential: its name begins with `encrypted_`.

    They are found by name, since some belong to apps on floors above.
    """
    return [
        (model, field.name)
        for model in apps.get_models()
        if issubclass(model, TenantModel)
        for field in model._meta.get_fields()
        if field.name.startswith(PREFIX)
    ]


def _attempts() -> Iterator[Callable[[], int]]:
    for model, column in encrypted_columns():
        for row_id in model.objects.order_by("id").values_list("id", flat=True):
            yield _rotation_of(model, row_id, column)


def _rotation_of(model: type[TenantModel], row_id: int, column: str) -> Callable[[], int]:
    @transaction.atomic
    def rotate_one() -> int:
        row = model.objects.select_for_update().filter(id=row_id).exclude(**{column: ""}).first()
        if row is None:
            return 0
        setattr(row, column, rotate(getattr(row, column)))
        row.save(update_fields=[column])
        return 1

    return rotate_one
