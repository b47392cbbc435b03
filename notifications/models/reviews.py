"""What we say in change requests, what was answered there, and how an organization wants it."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from findings.models import ChangeRequest, Finding
from tenants.jobs import Job
from tenants.models import TenantModel
from triage.models import Verdict

PREFIX_PATTERN = r"^/[a-z][a-z0-9-]{1,29}$"


class ReviewSettings(TenantModel):
    """How an organization is spoken to in change requests; one row, none means the defaults."""

    comments = models.BooleanField(default=True, help_text="Comment in change requests.")
    posts_status = models.BooleanField(
        default=True, help_text="Set a check run or commit status with the summary."
    )
    answers_in_public = models.BooleanField(
        default=False, help_text="Take commands in public repositories."
    )
    command_prefix = models.CharField(
        max_length=30, default="/semgrep", validators=[RegexValidator(PREFIX_PATTERN)]
    )
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="one_review_settings"),
        ]

    def __str__(self) -> str:
        return f"reviews of {self.organization_id}"


class Review(Job):
    """All that we say in one change request; done when the code host shows what it should."""

    change_request = models.OneToOneField(
        ChangeRequest, on_delete=models.CASCADE, related_name="review"
    )
    obstacle = models.CharField(
        max_length=1000, blank=True, help_text="Why it is shown on our pages only; for people."
    )
    status_commit = models.CharField(
        max_length=64, blank=True, help_text="The commit that carries our newest status."
    )
    status_hash = models.CharField(
        max_length=64, blank=True, help_text="Hex SHA-256 of the status as it was last set."
    )
    status_id = models.CharField(max_length=40, blank=True, help_text="The check run's number.")
    told_at = models.DateTimeField(null=True, help_text="When the first comment was posted.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(Job.Meta):
        indexes = [
            models.Index(
                fields=["organization", "next_attempt_at"],
                condition=Job.due_condition,
                name="review_due",
            ),
        ]

    def __str__(self) -> str:
        return f"review of {self.change_request_id}"


class CommentKind(models.TextChoices):
    """What a comment speaks of."""

    FINDING = "finding", "One finding"
    RULE = "rule", "Many findings of one rule"


class CommentPlace(models.TextChoices):
    """Where a comment stands."""

    LINE = "line", "At the finding's line"
    NEAREST = "nearest", "At the nearest line of the change"
    CONVERSATION = "conversation", "In the conversation"


class CommentState(models.TextChoices):
    """How far a comment has come."""

    PLANNED = "planned", "Not posted yet"
    POSTED = "posted", "Posted"
    KEPT_HERE = "kept_here", "Shown on our pages only"
    DELETED = "deleted", "Deleted by somebody at the code host"
    REFUSED = "refused", "Refused by the code host"


class ReviewComment(TenantModel):
    """One comment of a change request: of a finding, or of a rule with many."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="comments")
    kind = models.CharField(max_length=10, choices=CommentKind.choices)
    key = models.CharField(
        max_length=80, help_text="`finding-12`, `rule-<hash>`; stands in the hidden marker."
    )
    finding = models.ForeignKey(
        Finding, on_delete=models.CASCADE, null=True, related_name="review_comments"
    )
    check_id = models.CharField(max_length=400, help_text="The rule.")
    finding_ids = models.JSONField(default=list, help_text="Whom a comment of a rule speaks of.")
    commit = models.CharField(max_length=64, blank=True, help_text="Whose lines it stands at.")
    path = models.CharField(max_length=1000, blank=True)
    start_line = models.PositiveIntegerField(null=True, help_text="1-based.")
    end_line = models.PositiveIntegerField(null=True, help_text="1-based, inclusive.")
    place = models.CharField(max_length=15, choices=CommentPlace.choices, blank=True)
    state = models.CharField(
        max_length=10, choices=CommentState.choices, default=CommentState.PLANNED
    )
    external_id = models.CharField(max_length=60, blank=True)
    thread_id = models.CharField(
        max_length=60, blank=True, help_text="GitLab's discussion; GitHub's first comment."
    )
    url = models.CharField(max_length=1000, blank=True)
    body_hash = models.CharField(
        max_length=64, blank=True, help_text="Hex SHA-256 of the body that stands there."
    )
    shown_verdict = models.ForeignKey(
        Verdict,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="The one that the body which stands there tells: what people agree with.",
    )
    error = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    posted_at = models.DateTimeField(null=True)
    edited_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["review", "key"], name="comment_once_a_review"),
            models.CheckConstraint(
                condition=Q(kind="rule") | Q(finding__isnull=False), name="comment_has_a_subject"
            ),
        ]
        indexes = [
            models.Index(
                fields=["finding"],
                condition=Q(finding__isnull=False),
                name="comment_of_finding",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"

    @property
    def told_finding_ids(self) -> list[int]:
        """The ids of the findings that it speaks of."""
        return [self.finding_id] if self.finding_id else list(self.finding_ids)


class CommandState(models.TextChoices):
    """What became of a command."""

    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"


class ReviewCommand(TenantModel):
    """A command that somebody wrote in a change request; each text of a comment counts once."""

    change_request = models.ForeignKey(
        ChangeRequest, on_delete=models.CASCADE, related_name="commands"
    )
    comment = models.ForeignKey(
        ReviewComment, on_delete=models.SET_NULL, null=True, related_name="commands"
    )
    external_id = models.CharField(max_length=60, help_text="Of the comment it stands in.")
    text_hash = models.CharField(max_length=64, help_text="Hex SHA-256 of the command's line.")
    author = models.CharField(max_length=200, help_text="The code host's login.")
    verb = models.CharField(max_length=20, help_text="`agree`, `fp`: see triage/commands.py.")
    state = models.CharField(
        max_length=10, choices=CommandState.choices, default=CommandState.WAITING
    )
    answer = models.TextField(blank=True, help_text="What we replied, in Markdown.")
    answer_id = models.CharField(max_length=60, blank=True, help_text="Of our reply.")
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["change_request", "external_id", "text_hash"], name="command_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} by {self.author}"
