"""Posting comments in a merge request with as few notifications as GitLab allows.

Several go out as drafts that are published at once, with one mail. A death in between leaves
drafts, which nobody else sees; the next try removes them, and posts one by one, so that what could
not be published is refused by name. One comment alone needs no draft.
"""

import re
from collections.abc import Iterator, Sequence

from integrations.gitlab.changes import position_of
from integrations.gitlab.client import ProjectClient
from integrations.gitlab.failures import InvalidRequestError, MissingError
from integrations.gitlab.shapes import DraftNote
from integrations.markers import key_in
from integrations.review_hosts import BODY_LIMIT, Changes, Draft, ReviewRefusedError

_COMMAND = re.compile(r"^/[A-Za-z_]", re.MULTILINE)


def check_text(text: str) -> None:
    """Raise ReviewRefusedError where GitLab would run a line of a text as a command.

    https://docs.gitlab.com/user/project/quick_actions/: `/close` on a line of its own closes.
    """
    if _COMMAND.search(text):
        raise ReviewRefusedError(
            "A line of the text begins with a slash, which GitLab would run as a command; nothing"
            " was written."
        )
    if len(text) > BODY_LIMIT:
        raise ReviewRefusedError(f"The text has more than {BODY_LIMIT:,} characters.")


def post(client: ProjectClient, *, number: int, changes: Changes, drafts: Sequence[Draft]) -> None:
    """Post comments; see ReviewHost.post_comments for what is raised."""
    for draft in drafts:
        check_text(draft.body)
    if len(drafts) < 2 or not _post_together(client, number, changes, drafts):
        _post_singly(client, number, changes, drafts)


def _post_together(
    client: ProjectClient, number: int, changes: Changes, drafts: Sequence[Draft]
) -> bool:
    """Say whether it was tried: not at an old GitLab, after a failure, or beside others' drafts."""
    try:
        waiting = client.drafts(number)
    except MissingError:
        return False
    ours = [one for one in waiting if key_in(one.note)]
    client.drop_drafts(number, ours)
    # Publishing takes all: with the token of a person, also what that person has not finished.
    if waiting:
        return False
    made: list[DraftNote] = []
    if not (
        _write_drafts(client, number, changes, drafts, made) and _are_alone(client, number, made)
    ):
        client.drop_drafts(number, made)
        return False
    client.publish_drafts(number)
    return True


def _write_drafts(
    client: ProjectClient,
    number: int,
    changes: Changes,
    drafts: Sequence[Draft],
    made: list[DraftNote],
) -> bool:
    """Write drafts, and add them to `made`; say whether GitLab will publish every one."""
    for draft in drafts:
        place = draft.place
        position = position_of(place, changes=changes) if place else None
        try:
            made.append(client.write_draft(number, note=draft.body, position=position))
        except (InvalidRequestError, MissingError):
            return False
        if place and not made[-1].line_code:
            return False
    return True


def _are_alone(client: ProjectClient, number: int, made: Sequence[DraftNote]) -> bool:
    """Say whether the drafts are all that waits, and no other's came in between.

    A call that was carried out twice on its way has left a twin, which goes first.
    """
    known = {one.id for one in made}
    others = [one for one in client.drafts(number) if one.id not in known]
    client.drop_drafts(number, [one for one in others if key_in(one.note)])
    return all(key_in(one.note) for one in others)


def _post_singly(
    client: ProjectClient, number: int, changes: Changes, drafts: Sequence[Draft]
) -> None:
    refusals = list(_refusals(client, number, changes, drafts))
    if drafts and len(refusals) == len(drafts):
        raise refusals[0]


def _refusals(
    client: ProjectClient, number: int, changes: Changes, drafts: Sequence[Draft]
) -> Iterator[ReviewRefusedError]:
    """Post one by one, and yield what GitLab says of those that it does not take."""
    for draft in drafts:
        try:
            if draft.place is None:
                # A note, not a thread: one to be resolved would hold up the merge.
                client.write_note(number, body=draft.body)
                continue
            position = position_of(draft.place, changes=changes)
            client.begin_discussion(number, body=draft.body, position=position)
        except InvalidRequestError as error:
            yield error
