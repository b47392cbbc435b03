"""People at work: what they do, and the webhooks that follow."""

from collections.abc import Mapping, Sequence

from tests.github_server.deliveries import Delivery
from tests.github_server.state import Installation, IssueComment, Pull, ReviewComment


class Acting:
    """Each method does what a person did in a browser or with git, and returns the deliveries."""

    def push(
        self,
        full_name: str,
        branch: str,
        files: Mapping[str, str | bytes | None],
        *,
        login: str = "mel",
        message: str = "Change",
        base: str = "",
        force: bool = False,
    ) -> list[Delivery]:
        """Commit `files` (None removes one) on a branch, which is made from `base` if need be.

        With `force` the new commit takes the place of the branch's commits since `base`, and the
        old ones are gone from the repository.
        """
        raise NotImplementedError

    def open_pull(
        self,
        full_name: str,
        head: str,
        base: str = "",
        *,
        author: str = "mel",
        title: str = "Change",
        body: str = "",
        fork: str = "",
    ) -> tuple[Pull, list[Delivery]]:
        """Open a pull request; `fork`: full name of the fork that the head is in."""
        raise NotImplementedError

    def comment(
        self,
        full_name: str,
        number: int,
        login: str,
        body: str,
        *,
        in_reply_to: int | None = None,
        path: str = "",
        line: int | None = None,
    ) -> tuple[IssueComment | ReviewComment, list[Delivery]]:
        """Write in the conversation, in a thread (`in_reply_to`) or at a line."""
        raise NotImplementedError

    def edit_comment(
        self, full_name: str, comment_id: int, body: str, *, login: str = ""
    ) -> list[Delivery]:
        """Change a comment; its author does it where no `login` is given."""
        raise NotImplementedError

    def delete_comment(self, full_name: str, comment_id: int, *, login: str = "") -> list[Delivery]:
        """Delete a comment."""
        raise NotImplementedError

    def close(self, full_name: str, number: int, login: str = "mel") -> list[Delivery]:
        """Close a pull request unmerged."""
        raise NotImplementedError

    def reopen(self, full_name: str, number: int, login: str = "mel") -> list[Delivery]:
        """Open it again."""
        raise NotImplementedError

    def merge(self, full_name: str, number: int, login: str = "mel") -> list[Delivery]:
        """Merge a pull request with a merge commit."""
        raise NotImplementedError

    def edit_pull(
        self, full_name: str, number: int, *, title: str = "", base: str = "", login: str = "mel"
    ) -> list[Delivery]:
        """Change the title or the base."""
        raise NotImplementedError

    def rename(self, full_name: str, new_name: str, login: str = "ada") -> list[Delivery]:
        """Give a repository a new name (the part after the slash)."""
        raise NotImplementedError

    def transfer(self, full_name: str, new_owner: str, login: str = "ada") -> list[Delivery]:
        """Give a repository to another account."""
        raise NotImplementedError

    def make_public(self, full_name: str, login: str = "ada") -> list[Delivery]:
        """Let strangers read a repository."""
        raise NotImplementedError

    def make_private(self, full_name: str, login: str = "ada") -> list[Delivery]:
        """Close it to strangers."""
        raise NotImplementedError

    def delete_repository(self, full_name: str, login: str = "ada") -> list[Delivery]:
        """Delete a repository with all that is in it."""
        raise NotImplementedError

    def suspend(self, installation: Installation, login: str = "ada") -> list[Delivery]:
        """Suspend an installation: its tokens get 403."""
        raise NotImplementedError

    def unsuspend(self, installation: Installation, login: str = "ada") -> list[Delivery]:
        """Let it work again."""
        raise NotImplementedError

    def uninstall(self, installation: Installation, login: str = "ada") -> list[Delivery]:
        """Remove an installation: its tokens get 401."""
        raise NotImplementedError

    def share(
        self, installation: Installation, full_names: Sequence[str], login: str = "ada"
    ) -> list[Delivery]:
        """Add repositories to an installation."""
        raise NotImplementedError

    def unshare(
        self, installation: Installation, full_names: Sequence[str], login: str = "ada"
    ) -> list[Delivery]:
        """Take repositories from an installation."""
        raise NotImplementedError

    def deliver(self, deliveries: Sequence[Delivery] | None = None) -> list[int]:
        """Send what waits (or what is given), in order; return the statuses of the answers."""
        raise NotImplementedError
