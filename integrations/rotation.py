"""Every stored credential of an organization, brought under the newest key."""

from collections.abc import Callable, Iterator

from django.db import transaction

from core.encryption import CredentialUnreadableError, rotate
from integrations.models import Connection, GitHubApp, WebhookEndpoint
from llm.rotation import rotate_api_key
from tenants.models import TenantModel

# A new encrypted column belongs here; a test compares this with the models.
COLUMNS: dict[type[TenantModel], tuple[str, ...]] = {
    Connection: ("encrypted_credentials",),
    GitHubApp: ("encrypted_credentials",),
    WebhookEndpoint: ("encrypted_key", "encrypted_secret"),
}


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


def _attempts() -> Iterator[Callable[[], int]]:
    yield rotate_api_key
    for model, columns in COLUMNS.items():
        for row_id in model.objects.order_by("id").values_list("id", flat=True):
            for column in columns:
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
