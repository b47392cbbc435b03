"""From a stored upload to findings: in one transaction, in sets, safe to run twice."""

from datetime import datetime


def ingest_upload(*, upload_id: int, now: datetime) -> None:
    """Turn a stored upload into findings, unless that is done."""
    raise NotImplementedError
