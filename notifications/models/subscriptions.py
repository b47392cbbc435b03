"""Who wants to hear of what, and where."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from integrations.models import SlackWorkspace
from notifications.models.deliveries import Channel
from tenants.models import Membership, Project, TenantModel, User

MINUTES_OF_A_DAY = 24 * 60


def _minute_of_the_day(text: str) -> "models.PositiveSmallIntegerField[int | None, int | None]":
    return models.PositiveSmallIntegerField(
        null=True, validators=[MaxValueValidator(MINUTES_OF_A_DAY - 1)], help_text=text
    )


class Subscription(TenantModel):
    """A Slack channel or a mail address that wants to hear of scans.

    Without a project and a tag it hears of all projects; empty lists ask for all there is.
    """

    channel = models.CharField(max_length=10, choices=Channel.choices)
    workspace = models.ForeignKey(
        SlackWorkspace, on_delete=models.CASCADE, null=True, related_name="subscriptions"
    )
    slack_channel_id = models.CharField(max_length=40, blank=True, help_text="`C0123ABCD`.")
    slack_channel_name = models.CharField(max_length=100, blank=True, help_text="Without `#`.")
    address = models.EmailField(blank=True)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, related_name="subscriptions"
    )
    tag = models.CharField(max_length=100, blank=True)
    products = models.JSONField(default=list)
    modes = models.JSONField(default=list, help_text="Of the rules: monitor, comment, block.")
    tells_scans = models.BooleanField(default=True)
    tells_failed_scans = models.BooleanField(default=False)
    tells_verdicts = models.BooleanField(
        default=True, help_text="Slack: what the assistant takes for safe, with two buttons."
    )
    quiet_from = _minute_of_the_day("Minute of the organization's day; null: never quiet.")
    quiet_until = _minute_of_the_day("Exclusive; smaller than `quiet_from` runs over midnight.")
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(channel="slack", workspace__isnull=False, address="")
                    & ~Q(slack_channel_id="")
                )
                | (Q(channel="mail", workspace__isnull=True, slack_channel_id="") & ~Q(address="")),
                name="subscription_has_a_target",
            ),
            models.CheckConstraint(
                condition=Q(project__isnull=True) | Q(tag=""), name="subscription_one_scope"
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="subscription_quiet_pair",
            ),
            models.UniqueConstraint(
                fields=["workspace", "slack_channel_id", "address", "project", "tag"],
                nulls_distinct=False,
                name="subscription_once",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.slack_channel_name}" if self.workspace_id else self.address


class MailPreference(TenantModel):
    """Which mails a member does not want; no row: all that her role gets."""

    member = models.OneToOneField(
        Membership, on_delete=models.CASCADE, related_name="mail_preference"
    )
    wants_monday = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        pass

    def __str__(self) -> str:
        return f"mails of {self.member_id}"


class WebhookState(models.TextChoices):
    """Whether a webhook is called."""

    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused by an admin"
    FAILING = "failing", "Paused after repeated failure"


class OutgoingWebhook(TenantModel):
    """An address of the organization's own that hears of scans and new findings as JSON."""

    name = models.CharField(max_length=200)
    url = models.CharField(max_length=2000)
    encrypted_secret = models.TextField(
        blank=True, help_text="What signs; 15 characters at least; blank: no signature."
    )
    sends_scans = models.BooleanField(default=True)
    sends_findings = models.BooleanField(default=True)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, related_name="outgoing_webhooks"
    )
    tag = models.CharField(max_length=100, blank=True)
    state = models.CharField(
        max_length=10, choices=WebhookState.choices, default=WebhookState.ACTIVE
    )
    failure_count = models.PositiveSmallIntegerField(
        default=0, help_text="Calls that failed since the last that did not."
    )
    failing_since = models.DateTimeField(null=True, help_text="Of the first of those failures.")
    last_error = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(project__isnull=True) | Q(tag=""), name="outgoing_webhook_one_scope"
            ),
        ]

    def __str__(self) -> str:
        return self.name
