"""As whom a connection writes at GitHub: how we know our own comments from all others."""

from dataclasses import dataclass

from integrations.github.calls import Calls
from integrations.github.shapes import Comment, User
from integrations.models import Connection, SignIn

READ_PROFILE = "a valid token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A bot of an app, or the person whose token it is."""

    login: str
    app_id: int | None = None

    def wrote(self, comment: Comment) -> bool:
        """Say whether a comment is ours: anybody can copy a marker, nobody our name."""
        if comment.user is None or comment.user.login.lower() != self.login.lower():
            return False
        app = comment.performed_via_github_app
        return self.app_id is None or app is None or app.id == self.app_id


def actor_of(connection: Connection, *, calls: Calls) -> Actor:
    """Return as whom a connection writes; asks GitHub where nobody did before."""
    if connection.sign_in == SignIn.APP and connection.app is not None:
        return Actor(login=f"{connection.app.slug}[bot]", app_id=connection.app.app_id)
    login = connection.actor_login or calls.get(User, "/user", needs=READ_PROFILE).login
    return Actor(login=login)
