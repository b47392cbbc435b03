"""Receipts of events, each stored once."""

from django.db import connection

from integrations.models import WebhookReceipt


def insert_once(receipt: WebhookReceipt) -> bool:
    """Store a receipt unless its event is there; say whether it was new, and set its id then.

    One statement for both answers: an event that comes twice breaks no transaction, and leaves no
    error in the database's log, which would hold the event's text.
    """
    table = WebhookReceipt._meta
    fields = [field for field in table.concrete_fields if not field.primary_key]
    names = ", ".join(str(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    values = [
        field.get_db_prep_save(field.pre_save(receipt, add=True), connection) for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table.db_table} ({names}) VALUES ({places})"  # noqa: S608 our own names
            " ON CONFLICT (endpoint_id, sha256) DO NOTHING RETURNING id",
            values,
        )
        row = cursor.fetchone()
    receipt.pk = row[0] if row else None
    return row is not None
