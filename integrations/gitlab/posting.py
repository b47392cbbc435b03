"""Posting comments in a merge request with as few notifications as GitLab allows.

Several go out as drafts that are published at once, with one mail. A death in between leaves
drafts, which nobody else sees; the next try removes them, and posts one by one, so that what could
not be published is refused by name. One comment alone needs no draft.
"""

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A comment to be posted, and where GitLab is to put it; None: in the conversation."""

    body: str
    position: Mapping[str, Any] | None


def post(client: ProjectClient, *, number: int, changes: Changes, drafts: Sequence[Draft]) -> None:
    """Post comments; see ReviewHost.post_comments for what is raised."""
    placed, refusals = [], []
    for draft in drafts:
        check_text(draft.body)
        try:
            position = position_of(draft.place, changes=changes) if draft.place else None
        except ReviewRefusedError as error:
            refusals.append(error)
        else:
            placed.append(_Placed(body=draft.body, position=position))
    if len(placed) < 2 or not _post_together(client, number, placed):
        refusals += _post_singly(client, number, placed)
    if drafts and len(refusals) == len(drafts):
        raise refusals[0]


def _post_together(client: ProjectClient, number: int, placed: Sequence[_Placed]) -> bool:
    """Say whether it was tried: not at an old GitLab, after a failure, or beside others' drafts."""
    try:
        waiting = client.drafts(number)
    except MissingError:
        return False
    _drop(client, number, [one for one in waiting if key_in(one.note)])
    # Publishing takes all: with the token of a person, also what that person has not finished.
    if waiting:
        return False
    made: list[DraftNote] = []
    if not (_write_drafts(client, number, placed, made) and _are_alone(client, number, made)):
        _drop(client, number, made)
        return False
    client.publish_drafts(number)
    return True


def _write_drafts(
    client: ProjectClient, number: int, placed: Sequence[_Placed], made: list[DraftNote]
) -> bool:
    """Write drafts, and add them to `made`; say whether GitLab will publish every one."""
    for one in placed:
        try:
            made.append(client.write_draft(number, note=one.body, position=one.position))
        except (InvalidRequestError, MissingError):
            return False
        if one.position and not made[-1].line_code:
            return False
    return True


def _are_alone(client: ProjectClient, number: int, made: Sequence[DraftNote]) -> bool:
    """Say whether the drafts are all that waits, and no other's came in between.

    A call that was carried out twice on its way has left a twin, which goes first.
    """
    known = {one.id for one in made}
    others = [one for one in client.drafts(number) if one.id not in known]
    _drop(client, number, [one for one in others if key_in(one.note)])
    return all(key_in(one.note) for one in others)


def _drop(client: ProjectClient, number: int, drafts: Sequence[DraftNote]) -> None:
    for draft in drafts:
        with contextlib.suppress(MissingError):
            client.drop_draft(number, draft.id)


def _post_singly(
    client: ProjectClient, number: int, placed: Sequence[_Placed]
) -> list[ReviewRefusedError]:
    """Post one by one, and return what GitLab says of those that it does not take."""
    refusals: list[ReviewRefusedError] = []
    for one in placed:
        try:
            if one.position is None:
                # A note, not a thread: one to be resolved would hold up the merge.
                client.write_note(number, body=one.body)
            else:
                client.begin_discussion(number, body=one.body, position=one.position)
        except InvalidRequestError as error:
            refusals.append(error)
    return refusals
