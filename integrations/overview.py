"""What the pages of connections show."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from core.errors import NotFoundError
from integrations.models import (
    Connection,
    ConnectionKind,
    ConnectionState,
    GitHubApp,
    RepositoryLink,
    SignIn,
    WebhookEndpoint,
    WebhookReceipt,
)

MOST_PROBLEMS = 20
MOST_EVENTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFacts:
    """A connection with what is known around it."""

    connection: Connection
    endpoint: WebhookEndpoint | None
    hook_problems: Sequence[RepositoryLink]
    """Repositories whose webhook could not be made, some of them."""
    events: Sequence[WebhookReceipt]
    """The newest events that were kept, without their texts."""

    @property
    def has_token(self) -> bool:
        """Whether it signs in with a token."""
        return self.connection.sign_in == SignIn.TOKEN

    @property
    def takes_secret_by_hand(self) -> bool:
        """Whether its webhook's address and secret may have to be entered at the code host."""
        return self.has_token and self.endpoint is not None

    @property
    def can_be_asked(self) -> bool:
        """Whether there is a code host to ask."""
        return self.connection.kind != ConnectionKind.LOCAL_GIT


def own_address_problem() -> str:
    """Return why code hosts cannot call us, as far as our own address shows it; blank: fine."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    if host not in {"localhost", "127.0.0.1", "::1"} and not host.endswith(".localhost"):
        return ""
    return (
        f"This installation is known as {settings.PUBLIC_URL}, which nobody else reaches: a code"
        " host cannot tell us of events, and GitHub makes no app for such an address. An operator"
        " sets PUBLIC_URL."
    )


def connections_of_organization() -> QuerySet[Connection]:
    """Return the connections with their number of projects, those for people first."""
    rows: QuerySet[Connection] = Connection.objects.select_related("app__endpoint", "endpoint")
    return rows.annotate(project_count=Count("links")).order_by("kind", "name", "id")


def usable_connections() -> QuerySet[Connection]:
    """Return the connections whose repositories can be chosen from, by name."""
    rows: QuerySet[Connection] = Connection.objects.exclude(kind=ConnectionKind.LOCAL_GIT)
    return rows.exclude(state=ConnectionState.REMOVED).order_by("name", "id")


def idle_apps() -> QuerySet[GitHubApp]:
    """Return the GitHub Apps that are installed nowhere yet."""
    rows: QuerySet[GitHubApp] = GitHubApp.objects.filter(connections=None)
    return rows.order_by("name", "id")


def get_app(app_id: int) -> GitHubApp:
    """Return a GitHub App. Raises NotFoundError."""
    app: GitHubApp | None = GitHubApp.objects.filter(id=app_id).first()
    if app is None:
        raise NotFoundError("There is no such GitHub App in this organization.")
    return app


def connection_of_installation(installation_id: int) -> Connection | None:
    """Return the connection of an installation of any of the organization's apps."""
    found: Connection | None = Connection.objects.filter(installation_id=installation_id).first()
    return found


def get_connection(connection_id: int) -> Connection:
    """Return a connection with its number of projects. Raises NotFoundError."""
    found: Connection | None = connections_of_organization().filter(id=connection_id).first()
    if found is None:
        raise NotFoundError("There is no such connection in this organization.")
    return found


def facts_of(connection: Connection) -> ConnectionFacts:
    """Return a connection with what the pages show around it."""
    problems = RepositoryLink.objects.filter(~Q(hook_problem=""), connection=connection)
    endpoint = endpoint_of(connection)
    return ConnectionFacts(
        connection=connection,
        endpoint=endpoint,
        hook_problems=list(problems.order_by("location")[:MOST_PROBLEMS]),
        events=_newest_events(endpoint) if endpoint else [],
    )


def endpoint_of(connection: Connection) -> WebhookEndpoint | None:
    """Return where the code host tells us of a connection's events: its own, or its app's."""
    owner: Connection | GitHubApp | None = connection.app or connection
    found: WebhookEndpoint | None = getattr(owner, "endpoint", None)
    return found


def _newest_events(endpoint: WebhookEndpoint) -> list[WebhookReceipt]:
    rows = WebhookReceipt.objects.filter(endpoint=endpoint).defer("body")
    # In the order of their index: there are a month of them.
    return list(rows.order_by("-id")[:MOST_EVENTS])
