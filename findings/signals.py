"""What this app announces; each is sent after commit, with ids."""

from django.dispatch import Signal

# upload_id: a report lies in the store and waits for its ingest.
upload_stored = Signal()
# scan_id: a report of this scan has become findings.
scan_ingested = Signal()
# scan_id: the scanner has got its answer and is gone.
scan_completed = Signal()
# scan_id: the scanner broke off, or its report was refused.
scan_failed = Signal()
# finding_ids: people, or programs in their name, have triaged these.
findings_triaged = Signal()
# change_request_id: it was opened, updated, closed, merged, or a scan of it began.
change_request_changed = Signal()
