"""Opening a pull request with one changed file, so that another try finds what the first made.

Commit and tree are made before the branch: the branch appears with the commit or not at all, and
nothing that exists is ever moved.
"""

import hashlib

from integrations.code_files import FILE_MODES
from integrations.github.client import RepositoryClient
from integrations.github.failures import InvalidRequestError
from integrations.github.shapes import Pull, TreeEntry
from integrations.review_hosts import GoneError, Proposal, ReviewRefusedError


def open_pull(client: RepositoryClient, proposal: Proposal) -> Pull:
    """Make branch, commit and pull request, or return what an earlier try made.

    Raises ReviewRefusedError where the base has other bytes by now, or the branch is not ours.
    """
    if not _is_there(client, proposal):
        _make_branch(client, proposal)
    if found := _open_pull(client, proposal):
        return found
    try:
        return client.make_pull(
            head=proposal.branch,
            base=proposal.base_ref,
            title=proposal.title,
            body=proposal.body,
        )
    except InvalidRequestError:
        # Another try was quicker, or GitHub has a reason of its own.
        if found := _open_pull(client, proposal):
            return found
        raise


def _open_pull(client: RepositoryClient, proposal: Proposal) -> Pull | None:
    owner = client.full_name.partition("/")[0]
    found = client.open_pulls(head=f"{owner}:{proposal.branch}", base=proposal.base_ref)
    return next((pull for pull in found if pull.head.ref == proposal.branch), None)


def _is_there(client: RepositoryClient, proposal: Proposal) -> bool:
    """Say whether an earlier try made the branch; refuse where somebody else did."""
    try:
        head = client.head_of(proposal.branch)
    except GoneError:
        return False
    commit = client.git_commit(head)
    entry = _entry_at(client, tree=commit.tree.sha, path=proposal.path)
    is_ours = commit.message.strip() == proposal.message.strip()
    if is_ours and entry is not None and client.blob(entry.sha) == proposal.content:
        return True
    raise ReviewRefusedError(
        f"branch: {proposal.branch} exists and holds something else; delete it, or merge what it"
        " holds."
    )


def _make_branch(client: RepositoryClient, proposal: Proposal) -> None:
    base = client.head_of(proposal.base_ref)
    entry = _entry_at(client, tree=client.git_commit(base).tree.sha, path=proposal.path)
    if entry is None or entry.mode not in FILE_MODES:
        raise ReviewRefusedError(
            f"path: {proposal.path} is no file on {proposal.base_ref} by now; scan again."
        )
    if hashlib.sha256(client.blob(entry.sha)).hexdigest() != proposal.expected_hash:
        raise ReviewRefusedError(
            f"path: {proposal.path} has changed on {proposal.base_ref} since the fix was proven;"
            " scan again."
        )
    sha = client.make_commit(
        parent=base,
        path=proposal.path,
        mode=entry.mode,
        content=proposal.content,
        message=proposal.message,
    )
    try:
        client.make_branch(proposal.branch, sha=sha)
    except InvalidRequestError:
        if not _is_there(client, proposal):
            raise


def _entry_at(client: RepositoryClient, *, tree: str, path: str) -> TreeEntry | None:
    """Return what stands at a path of a tree, not followed if it is a link."""
    *folders, name = path.split("/")
    for folder in folders:
        entry = _named(client, tree, folder)
        if entry is None or entry.type != "tree":
            return None
        tree = entry.sha
    return _named(client, tree, name)


def _named(client: RepositoryClient, tree: str, name: str) -> TreeEntry | None:
    return next((entry for entry in client.tree(tree).tree if entry.path == name), None)
