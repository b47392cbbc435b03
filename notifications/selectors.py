"""Reading what we say in change requests."""

from collections import defaultdict
from collections.abc import Collection

from notifications.models import CommentState, ReviewComment


def posted_comments_by_finding(finding_ids: Collection[int]) -> dict[int, list[ReviewComment]]:
    """Return the comments on findings that stand at the code host, oldest first, in one query.

    A comment on many findings of a rule is on none of them in particular.
    """
    found = defaultdict(list)
    rows = ReviewComment.objects.filter(
        finding_id__in=finding_ids, state=CommentState.POSTED
    ).exclude(external_id="")
    for row in rows.order_by("id"):
        if row.finding_id is not None:
            found[row.finding_id].append(row)
    return dict(found)
