"""Installed integrations: connections, the projects behind them, and what they tell us."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tenants.jobs import Job
from tenants.models import Membership, Project, TenantModel


class ConnectionKind(models.TextChoices):
    """Which system a connection leads to."""

    LOCAL_GIT = "local_git", "Local git"
    GITHUB = "github", "GitHub"
    GITLAB = "gitlab", "GitLab"


class SignIn(models.TextChoices):
    """As whom a connection acts."""

    NONE = "", "Nobody"
    APP = "app", "GitHub App"
    TOKEN = "token", "Access token"


class ConnectionState(models.TextChoices):
    """How well a connection works, by its last check or call."""

    UNCHECKED = "unchecked", "Not checked yet"
    WORKING = "working", "Working"
    LIMITED = "limited", "Works in part"
    BROKEN = "broken", "Does not work"
    SUSPENDED = "suspended", "Suspended at the code host"
    REMOVED = "removed", "Removed"


class GitHubApp(TenantModel):
    """A GitHub App that an organization has created; its installations are connections."""

    app_id = models.BigIntegerField(help_text="GitHub's number of the app.")
    slug = models.CharField(max_length=200, help_text="`assay-acme`: its bot is `assay-acme[bot]`.")
    name = models.CharField(max_length=200)
    owner = models.CharField(max_length=200, blank=True, help_text="The account that owns it.")
    base_url = models.CharField(max_length=1000, help_text="`https://github.com`, without slash.")
    ca_bundle = models.TextField(blank=True, help_text="Own certificate authorities, PEM.")
    client_id = models.CharField(max_length=100, blank=True)
    encrypted_credentials = models.TextField(
        help_text="JSON {private_key, client_secret}; see core/encryption.py."
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "base_url", "app_id"], name="github_app_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Connection(TenantModel):
    """An installed integration of one organization."""

    kind = models.CharField(max_length=20, choices=ConnectionKind.choices)
    name = models.CharField(max_length=200)
    sign_in = models.CharField(
        max_length=10, choices=SignIn.choices, default=SignIn.NONE, blank=True
    )
    base_url = models.CharField(
        max_length=1000, blank=True, help_text="For people: `https://github.com`, without slash."
    )
    ca_bundle = models.TextField(blank=True, help_text="Own certificate authorities, PEM.")
    account = models.CharField(
        max_length=200, blank=True, help_text="The account or group whose repositories it reaches."
    )
    actor_login = models.CharField(
        max_length=200, blank=True, help_text="As whom it writes there; tells our own comments."
    )
    encrypted_credentials = models.TextField(
        blank=True, help_text="JSON {token}; see core/encryption.py."
    )
    app = models.ForeignKey(
        GitHubApp, on_delete=models.PROTECT, null=True, related_name="connections"
    )
    installation_id = models.BigIntegerField(null=True, help_text="Of the GitHub App.")
    state = models.CharField(
        max_length=12, choices=ConnectionState.choices, default=ConnectionState.UNCHECKED
    )
    state_detail = models.CharField(
        max_length=1000, blank=True, help_text="What is wrong, and the remedy."
    )
    checks = models.JSONField(
        default=list, help_text="[{name, label, ok (null: unknown), needed_for, detail}]"
    )
    checked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "name"], name="connection_name_unique"
            ),
            models.UniqueConstraint(
                fields=["app", "installation_id"],
                condition=Q(installation_id__isnull=False),
                name="installation_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"


class RepositoryLink(TenantModel):
    """Where a project's code is: a repository behind a connection."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="repository")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="links")
    location = models.CharField(
        max_length=1000,
        help_text="In the connection's words: `org/repo`; for local git an absolute path.",
    )
    external_id = models.CharField(
        max_length=40, blank=True, help_text="The code host's number; outlives a new name."
    )
    web_url = models.CharField(max_length=1000, blank=True)
    default_branch = models.CharField(max_length=400, blank=True)
    is_public = models.BooleanField(null=True, help_text="Null: not known.")
    is_gone = models.BooleanField(
        default=False, help_text="Deleted, moved away, or no longer shared with the connection."
    )
    hook_id = models.CharField(
        max_length=40, blank=True, help_text="Of the webhook that we made there; blank: none."
    )
    hook_problem = models.CharField(
        max_length=1000, blank=True, help_text="Why we could not make it, and the remedy."
    )

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "external_id"],
                condition=~Q(external_id=""),
                name="repository_once_a_connection",
            ),
        ]

    def __str__(self) -> str:
        return self.location


class SlackWorkspace(TenantModel):
    """A Slack workspace in which the organization's own Slack app is installed."""

    team_id = models.CharField(
        max_length=40, blank=True, help_text="`T0123ABCD`; blank until known."
    )
    name = models.CharField(max_length=200, blank=True)
    bot_user_id = models.CharField(max_length=40, blank=True)
    client_id = models.CharField(max_length=100, blank=True, help_text="Blank: by bot token.")
    encrypted_credentials = models.TextField(
        help_text="JSON {bot_token, client_secret, signing_secret}; see core/encryption.py."
    )
    subscribe_command = models.CharField(max_length=32, default="/semgrep_subscribe")
    unsubscribe_command = models.CharField(max_length=32, default="/semgrep_unsubscribe")
    state = models.CharField(
        max_length=10, choices=ConnectionState.choices, default=ConnectionState.UNCHECKED
    )
    problem = models.CharField(max_length=1000, blank=True, help_text="Why it does not work.")
    checked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "team_id"],
                condition=~Q(team_id=""),
                name="slack_workspace_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.team_id


class SlackAccount(TenantModel):
    """Which member a person in Slack is; she has said so herself, signed in here."""

    workspace = models.ForeignKey(SlackWorkspace, on_delete=models.CASCADE, related_name="accounts")
    slack_user_id = models.CharField(max_length=40)
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="slack_accounts")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "slack_user_id"], name="slack_account_once"
            ),
        ]

    def __str__(self) -> str:
        return self.slack_user_id


class WebhookEndpoint(TenantModel):
    """An address at which a code host or Slack tells us of events; its key is part of it.

    One belongs to a GitHub App, to a connection by token, or to a Slack workspace.
    """

    kind = models.CharField(max_length=20, choices=[*ConnectionKind.choices, ("slack", "Slack")])
    app = models.OneToOneField(
        GitHubApp, on_delete=models.CASCADE, null=True, related_name="endpoint"
    )
    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, null=True, related_name="endpoint"
    )
    workspace = models.OneToOneField(
        SlackWorkspace, on_delete=models.CASCADE, null=True, related_name="endpoint"
    )
    key_hash = models.CharField(
        max_length=64, unique=True, help_text="Hex SHA-256 of the key, which has 256 random bits."
    )
    encrypted_key = models.TextField(help_text="So that the address can be shown again.")
    encrypted_secret = models.TextField(help_text="What signs GitHub's events; GitLab's token.")
    created_at = models.DateTimeField(default=timezone.now)
    last_received_at = models.DateTimeField(null=True)
    last_refused_at = models.DateTimeField(null=True)
    last_refusal = models.CharField(max_length=300, blank=True)

    class Meta(TenantModel.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class WebhookReceipt(Job):
    """One event as it came, kept before anything is done with it; the same one is kept once."""

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="receipts")
    delivery_id = models.CharField(max_length=100, blank=True, help_text="The code host's own.")
    event = models.CharField(max_length=60, help_text="`issue_comment`, `Note Hook`.")
    body = models.BinaryField(help_text="Compressed with zlib.")
    sha256 = models.CharField(
        max_length=64, help_text="Hex, of event name and body: what guards against replay."
    )
    outcome = models.CharField(
        max_length=200, blank=True, help_text="For people: what it was, or why it was passed over."
    )
    received_at = models.DateTimeField(default=timezone.now)

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "sha256"], name="receipt_once"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "next_attempt_at"],
                condition=Job.due_condition,
                name="receipt_due",
            ),
            models.Index(fields=["organization", "-id"], name="receipt_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.delivery_id}"
