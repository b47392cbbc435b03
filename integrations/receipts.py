"""Receipts of events, each stored once."""

from dataclasses import dataclass

from django.db import connection

from integrations.models import WebhookReceipt
from tenants.jobs import JobStatus

_TABLE = WebhookReceipt._meta
_FIELDS = [field for field in _TABLE.concrete_fields if not field.primary_key]
_INSERT_OR_FIND = (
    "WITH fresh AS ("  # noqa: S608 our own names
    f"INSERT INTO {_TABLE.db_table} ({', '.join(str(field.column) for field in _FIELDS)})"
    f" VALUES ({', '.join(['%s'] * len(_FIELDS))})"
    " ON CONFLICT (endpoint_id, sha256) DO NOTHING RETURNING id, status)"
    " SELECT id, status, true FROM fresh UNION ALL"
    f" SELECT id, status, false FROM {_TABLE.db_table} WHERE endpoint_id = %s AND sha256 = %s"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where an event lies in the store."""

    receipt_id: int
    status: JobStatus
    is_new: bool


def keep_once(receipt: WebhookReceipt) -> Kept:
    """Store a receipt unless its event is there; say which it was.

    One statement for both answers: an event that comes twice breaks no transaction, and leaves no
    error in the database's log, which would hold the event's text.
    """
    values = [
        field.get_db_prep_save(field.pre_save(receipt, add=True), connection) for field in _FIELDS
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_OR_FIND, [*values, receipt.endpoint_id, receipt.sha256])
        row = cursor.fetchone()
    if row is None:
        # Another's insertion was under way: ours waited for it, but had looked before.
        rows = WebhookReceipt.objects.filter(endpoint=receipt.endpoint_id, sha256=receipt.sha256)
        row = (*rows.values_list("id", "status").get(), False)
    receipt_id, status, is_new = row
    return Kept(receipt_id=receipt_id, status=JobStatus(status), is_new=is_new)
