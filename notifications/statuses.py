"""The check run, or commit status, that sums a change request up."""

import hashlib

from integrations.review_hosts import GoneError, ReviewHost, ReviewRefusedError, Status
from notifications.claims import hold, holding
from notifications.models import Review


def bring_status(*, review: Review, host: ReviewHost, commit: str, status: Status) -> str:
    """Set the status of a commit unless it stands there; return why it could not be, or blank."""
    digest = hash_of_status(status)
    if (review.status_commit, review.status_hash) == (commit, digest):
        return ""
    is_same_commit = review.status_commit == commit
    hold(review)
    try:
        status_id = host.set_status(
            commit=commit, status=status, status_id=review.status_id if is_same_commit else ""
        )
    except GoneError:
        # A forced push took the commit away; the scan of the new one brings a status of its own.
        status_id = ""
    except ReviewRefusedError as error:
        return f"The status could not be set: {error.detail}"
    review.status_commit, review.status_hash, review.status_id = commit, digest, status_id[:40]
    with holding(review):
        review.save(update_fields=["status_commit", "status_hash", "status_id"])
    return ""


def hash_of_status(status: Status) -> str:
    """Return what tells whether a status differs from the one that was set."""
    parts = (status.state.value, status.title, status.summary, status.url)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
