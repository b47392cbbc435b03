"""Organizations, their people, projects and tokens, and the base of every tenant's row."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from tenants.managers import TenantManager, UnscopedManager
from tenants.scope import current_organization_id

SLUG_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"


class Organization(models.Model):
    """A tenant. The one table of names that stands outside the wall; it holds no finding."""

    slug = models.CharField(
        max_length=63,
        unique=True,
        validators=[RegexValidator(SLUG_PATTERN, "Use lower-case letters, digits and hyphens.")],
    )
    name = models.CharField(max_length=200)
    time_zone = models.CharField(
        max_length=64, default="UTC", help_text="IANA's name, `Europe/Berlin`: when its day begins."
    )
    path_ignores = ArrayField(
        models.CharField(max_length=500),
        default=list,
        blank=True,
        help_text="Patterns of gitignore: what no scan of any project looks at.",
    )
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class TenantModel(models.Model):
    """A row of one organization: by default of the one in scope."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", default=current_organization_id
    )

    objects: ClassVar[TenantManager[Any]] = TenantManager()
    unscoped: ClassVar[UnscopedManager[Any]] = UnscopedManager()

    class Meta:
        abstract = True
        # Related look-ups and cascades run under row-level security, without a second filter.
        base_manager_name = "unscoped"
        default_manager_name = "objects"


class UserManager(BaseUserManager["User"]):
    """Makes users, who log in by e-mail."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person; the address is kept in lower case."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person of an e-mail address, in any case of letters."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What she may do stands in her memberships."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_in_any_case")]

    def __str__(self) -> str:
        return self.name or self.email


class Role(models.TextChoices):
    """What a member may do: everything, triage, or look."""

    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"
    READONLY = "readonly", "Read-only"


class Membership(TenantModel):
    """A person's place in an organization."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="one_membership_each"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class Project(TenantModel):
    """One repository, by the name that its code host or its scanner uses."""

    name = models.CharField(max_length=400, help_text="`org/repo`, or `local_scan/<folder>`.")
    url = models.CharField(max_length=1000, blank=True)
    primary_branch = models.CharField(
        max_length=400, blank=True, help_text="Normalized, without `refs/heads/`; blank: unknown."
    )
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    path_ignores = ArrayField(models.CharField(max_length=500), default=list, blank=True)
    is_archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="project_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class TokenKind(models.TextChoices):
    """Which door a token opens: the scanner's or the public API's."""

    CI = "ci", "CI"
    API = "api", "API"


class ApiToken(TenantModel):
    """A bearer token; only its hash is kept, its text is shown once."""

    kind = models.CharField(max_length=10, choices=TokenKind.choices)
    name = models.CharField(max_length=100)
    token_hash = models.CharField(
        max_length=64, unique=True, help_text="Hex SHA-256 of the token, which has 256 random bits."
    )
    prefix = models.CharField(
        max_length=8, help_text="The token's first characters, to know it by."
    )
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "-created_at"], name="token_newest")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Door(models.TextChoices):
    """Through which door something was done."""

    PAGE = "page", "Web page"
    API = "api", "API"
    SCANNER = "scanner", "Scanner"
    COMMAND = "command", "Command line"
    CHANGE_REQUEST = "change_request", "Change request"
    SLACK = "slack", "Slack"
    PLATFORM = "platform", "Platform"


class AuditEvent(TenantModel):
    """What was done to the organization, its people, tokens and rules; append-only."""

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    actor_label = models.CharField(max_length=200, help_text="Who it was, kept after she left.")
    door = models.CharField(max_length=20, choices=Door.choices)
    action = models.CharField(max_length=60, help_text="Past tense: `token.created`.")
    object_label = models.CharField(max_length=400, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["organization", "-at", "-id"], name="audit_newest"),
            # The log of a policy: few of many events name one.
            models.Index(
                fields=["organization", "-id"],
                condition=models.Q(after__has_key="policy_id"),
                name="audit_of_policies",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_label}"
