"""People who own repositories and installations: what they do, and the webhooks that follow."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from tests.github_server.deliveries import Delivery
from tests.github_server.emitting import emit, hook_shapes
from tests.github_server.state import Installation, Repository

if TYPE_CHECKING:
    from tests.github_server.server import GitHubServer


class Governing:
    """What admins do to repositories and installations."""

    @property
    def _us(self) -> "GitHubServer":
        return cast("GitHubServer", self)

    def rename(self, full_name: str, new_name: str, login: str = "ada") -> list[Delivery]:
        """Give a repository a new name (the part after the slash); the old one leads to it."""
        owner, _, before = full_name.partition("/")
        with self._us.lock:
            repository = self._move(full_name, f"{owner}/{new_name}")
            changes = {"repository": {"name": {"from": before}}}
            return self._tell(repository, "renamed", login, changes=changes)

    def transfer(self, full_name: str, new_owner: str, login: str = "ada") -> list[Delivery]:
        """Give a repository to another account; installations of the old one lose it."""
        with self._us.lock:
            old = full_name.partition("/")[0]
            was = hook_shapes(self._us).account(old)
            self._us.account(new_owner, "Organization")
            losing = self._installed(full_name)
            told = [one for each in losing for one in self.unshare(each, [full_name], login)]
            repository = self._move(full_name, f"{new_owner}/{full_name.partition('/')[2]}")
            changes = {"owner": {"from": {"user": was}}}
            return told + self._tell(repository, "transferred", login, changes=changes)

    def make_public(self, full_name: str, login: str = "ada") -> list[Delivery]:
        """Let strangers read a repository."""
        repository = self._us.repositories[full_name]
        with self._us.lock:
            repository.is_public = True
            return self._tell(repository, "publicized", login)

    def make_private(self, full_name: str, login: str = "ada") -> list[Delivery]:
        """Close it to strangers."""
        repository = self._us.repositories[full_name]
        with self._us.lock:
            repository.is_public = False
            return self._tell(repository, "privatized", login)

    def archive(self, full_name: str, login: str = "ada") -> list[Delivery]:
        """Make a repository read-only."""
        repository = self._us.repositories[full_name]
        with self._us.lock:
            repository.is_archived = True
            return self._tell(repository, "archived", login)

    def delete_repository(self, full_name: str, login: str = "ada") -> list[Delivery]:
        """Delete a repository with all that is in it."""
        with self._us.lock:
            repository = self._us.repositories[full_name]
            told = self._tell(repository, "deleted", login)
            del self._us.repositories[full_name]
            return told

    def suspend(self, installation: Installation, login: str = "ada") -> list[Delivery]:
        """Suspend an installation: its tokens get 403."""
        with self._us.lock:
            installation.suspended_at = self._us.now()
            return self._tell_installation(installation, "suspend", login)

    def unsuspend(self, installation: Installation, login: str = "ada") -> list[Delivery]:
        """Let it work again."""
        with self._us.lock:
            installation.suspended_at = None
            return self._tell_installation(installation, "unsuspend", login)

    def uninstall(self, installation: Installation, login: str = "ada") -> list[Delivery]:
        """Remove an installation: its tokens get 401."""
        with self._us.lock:
            told = self._tell_installation(installation, "deleted", login)
            installation.is_deleted = True
            return told

    def tell_installed(self, installation: Installation, login: str = "ada") -> list[Delivery]:
        """Announce an installation that `install` made, as GitHub does at once."""
        with self._us.lock:
            return self._tell_installation(installation, "created", login)

    def share(
        self, installation: Installation, full_names: Sequence[str], login: str = "ada"
    ) -> list[Delivery]:
        """Add repositories to an installation."""
        with self._us.lock:
            added = [self._us.repositories[name] for name in full_names]
            installation.repositories |= {one.id for one in added}
            return self._tell_choice(installation, "added", added, login)

    def unshare(
        self, installation: Installation, full_names: Sequence[str], login: str = "ada"
    ) -> list[Delivery]:
        """Take repositories from an installation."""
        with self._us.lock:
            removed = [self._us.repositories[name] for name in full_names]
            installation.repositories -= {one.id for one in removed}
            installation.takes_all = False
            return self._tell_choice(installation, "removed", removed, login)

    def _move(self, old: str, new: str) -> Repository:
        repository = self._us.repositories.pop(old)
        repository.former_names.add(old)
        repository.full_name = new
        self._us.repositories[new] = repository
        return repository

    def _installed(self, full_name: str) -> list[Installation]:
        repository = self._us.repositories[full_name]
        return [
            one
            for one in self._us.installations.values()
            if self._us.reaches(one, repository) and not one.is_deleted
        ]

    def _tell(
        self, repository: Repository, action: str, sender: str, **more: object
    ) -> list[Delivery]:
        payload = {"action": action, **more}
        return emit(self._us, "repository", payload, sender=sender, repository=repository)

    def _tell_installation(
        self, installation: Installation, action: str, sender: str
    ) -> list[Delivery]:
        shapes = hook_shapes(self._us)
        reached = [
            shapes.brief_repository(one)
            for one in self._us.repositories.values()
            if self._us.reaches(installation, one)
        ]
        payload = {
            "action": action,
            "installation": shapes.installation(installation),
            "repositories": reached,
        }
        return emit(self._us, "installation", payload, sender=sender, installation=installation)

    def _tell_choice(
        self, installation: Installation, action: str, rows: Sequence[Repository], sender: str
    ) -> list[Delivery]:
        shapes = hook_shapes(self._us)
        chosen = [shapes.brief_repository(one) for one in rows]
        payload = {
            "action": action,
            "installation": shapes.installation(installation),
            "repository_selection": "all" if installation.takes_all else "selected",
            "repositories_added": chosen if action == "added" else [],
            "repositories_removed": chosen if action == "removed" else [],
            "requester": None,
        }
        event = "installation_repositories"
        return emit(self._us, event, payload, sender=sender, installation=installation)
