"""Making organizations, people and projects."""

from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from core.errors import InvalidInputError
from tenants.audit import Actor, record_audit_event
from tenants.models import Membership, Organization, Project, Role, TokenKind, User
from tenants.scope import organization_scope
from tenants.tokens import create_token


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganization:
    """An organization just made, with the texts of its first tokens."""

    organization: Organization
    admin: User
    ci_token: str
    api_token: str


@transaction.atomic
def create_organization(
    *, slug: str, name: str, admin_email: str, admin_password: str, actor: Actor
) -> NewOrganization:
    """Make an organization with its first admin, a CI token and an API token.

    Raises InvalidInputError that names the field: a slug that is taken or malformed, a password
    that is too weak, an address of somebody whose password is another.
    """
    organization = Organization(slug=slug, name=name)
    try:
        organization.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInputError(f"{field}: {messages[0]}", field=field) from error
    organization.save()
    admin = _person(admin_email, admin_password)
    with organization_scope(organization.id):
        Membership.objects.create(user=admin, role=Role.ADMIN)
        record_audit_event(
            actor=actor,
            action="organization.created",
            object_label=slug,
            after={"admin": admin.email},
        )
        ci_token = create_token(actor=actor, kind=TokenKind.CI, name="First CI token")
        api_token = create_token(actor=actor, kind=TokenKind.API, name="First API token")
    return NewOrganization(
        organization=organization, admin=admin, ci_token=ci_token.text, api_token=api_token.text
    )


def _person(email: str, password: str) -> User:
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is not None:
        if not user.check_password(password):
            raise InvalidInputError(
                "admin-email: this person exists already, with another password.",
                field="admin-email",
            )
        return user
    try:
        User._meta.get_field("email").run_validators(email.strip())
        validate_password(password, User(email=email))
    except ValidationError as error:
        field = "admin-email" if "email" in str(error.messages[0]).lower() else "admin-password"
        raise InvalidInputError(f"{field}: {error.messages[0]}", field=field) from error
    return User.objects.create_user(email=email, password=password)


def get_or_create_project(*, name: str, url: str = "") -> Project:
    """Return the project of this name in the organization in scope, new or old."""
    project: Project
    project, _created = Project.objects.get_or_create(name=name, defaults={"url": url})
    return project
