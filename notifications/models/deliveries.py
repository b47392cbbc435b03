"""Each message that goes out: a row before it is sent, and a record of every try."""

from django.db import models
from django.utils import timezone

from findings.models import Finding, Scan
from tenants.jobs import Job
from tenants.models import Membership, TenantModel


class Channel(models.TextChoices):
    """How a message goes out."""

    SLACK = "slack", "Slack"
    MAIL = "mail", "Mail"
    WEBHOOK = "webhook", "Webhook"


class DeliveryKind(models.TextChoices):
    """What a message tells."""

    SCAN = "scan", "A scan's new findings"
    FAILED_SCAN = "failed_scan", "A scan that failed"
    VERDICT = "verdict", "A verdict to agree with"
    FINDINGS = "findings", "New findings, as data"
    DIGEST = "digest", "Many at once"
    MONDAY = "monday", "The three tasks of the week"
    TEST = "test", "A test"


class Delivery(Job):
    """One message to one recipient; its key is what keeps it from being sent twice.

    `error` of a failed one says why it is a dead letter. One that was sent may be wanted again,
    where its channel can change what stands there.
    """

    channel = models.CharField(max_length=10, choices=Channel.choices)
    kind = models.CharField(max_length=12, choices=DeliveryKind.choices)
    key = models.CharField(max_length=200, help_text="`scan:12:slack:3:C0123ABCD`.")
    recipient = models.CharField(
        max_length=320, help_text="For people: a mail address, `#channel`, a webhook's name."
    )
    subscription = models.ForeignKey(
        "notifications.Subscription",
        on_delete=models.SET_NULL,
        null=True,
        related_name="deliveries",
    )
    webhook = models.ForeignKey(
        "notifications.OutgoingWebhook",
        on_delete=models.CASCADE,
        null=True,
        related_name="deliveries",
    )
    member = models.ForeignKey(
        Membership, on_delete=models.CASCADE, null=True, related_name="deliveries"
    )
    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, null=True, related_name="deliveries")
    finding = models.ForeignKey(
        Finding, on_delete=models.CASCADE, null=True, related_name="deliveries"
    )
    digest = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="parts",
        help_text="The message that is sent instead of this one and others like it.",
    )
    facts = models.JSONField(
        default=dict, help_text="What else its text needs: ids of findings, the week."
    )
    external_ids = models.JSONField(
        default=dict, help_text="Where it stands: Slack's channel and ts, a mail's Message-ID."
    )
    body_hash = models.CharField(
        max_length=64, blank=True, help_text="Hex SHA-256 of what stands there, if it can change."
    )
    is_in_doubt = models.BooleanField(
        default=False, help_text="A call was begun, and nobody noted how it ended."
    )
    may_repeat = models.BooleanField(
        default=False, help_text="An admin has it sent even where nobody can tell of that doubt."
    )
    sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="delivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "next_attempt_at"],
                condition=Job.due_condition,
                name="delivery_due",
            ),
            models.Index(fields=["organization", "-id"], name="delivery_newest"),
            models.Index(
                fields=["organization", "-id"],
                condition=models.Q(status="failed"),
                name="delivery_dead",
            ),
            models.Index(
                fields=["finding"],
                condition=models.Q(finding__isnull=False),
                name="delivery_of_finding",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class DeliveryAttempt(TenantModel):
    """One try to send a message, and how it ended."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=timezone.now)
    milliseconds = models.PositiveIntegerField(default=0)
    answer = models.CharField(
        max_length=300, blank=True, help_text="The other side's: `200 OK`, `channel_not_found`."
    )
    error = models.CharField(max_length=1000, blank=True, help_text="For people; blank: it worked.")

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["delivery", "-id"], name="attempt_of_delivery")]

    def __str__(self) -> str:
        return f"try of {self.delivery_id}"


class ToldScan(TenantModel):
    """A scan whose messages are written down: what was found, or that it failed."""

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="told")
    is_failure = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["scan", "is_failure"], name="scan_told_once"),
        ]

    def __str__(self) -> str:
        return f"scan {self.scan_id}"
