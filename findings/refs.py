"""The one name that a branch or change request goes by, however a scanner writes it."""

DETACHED = "HEAD"
MAX_LENGTH = 400
_BRANCH_PREFIX = "refs/heads/"


def normalize_ref(branch: str) -> str:
    """Return the name a ref is stored under.

    `refs/heads/main` is `main`; other full refs, such as `refs/pull/7/merge`, are kept. A scan
    of a detached work tree names no branch and stands under `HEAD`.
    """
    name = branch.strip().replace("\x00", "").removeprefix(_BRANCH_PREFIX).strip("/")
    return name[:MAX_LENGTH] or DETACHED
