"""Changing policies: made, renamed, given to projects by tag, deleted."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from core.errors import InvalidInputError, ProblemError
from rules.models import Policy
from rules.policy_records import NAMED_IN_AUDIT, locked_policy, record
from rules.storing import lock_library
from tenants.audit import Actor

LONGEST_NAME = 200
LONGEST_TAG = 100
MOST_TAGS = 20
MOST_POLICIES = 200
_SLUG_ROOM = 55


class DefaultPolicyError(ProblemError):
    """The default policy is for all projects and stays: imports go to it."""

    code = "default_policy"
    status = HTTPStatus.CONFLICT


def create_policy(*, name: str, tags: Sequence[str], actor: Actor, now: datetime) -> Policy:
    """Make a policy without rules, for the projects with one of the tags; without tags for all."""
    name, tags = _checked_name(name), _checked_tags(tags)
    with transaction.atomic():
        lock_library()
        _refuse_namesake(name)
        if Policy.objects.count() >= MOST_POLICIES:
            raise InvalidInputError(
                f"name: there are {MOST_POLICIES} policies already; delete one first.", field="name"
            )
        policy: Policy = Policy.objects.create(
            name=name, slug=_free_slug(name), tags=tags, created_at=now
        )
        record(policy, actor, "policy.created", after={"name": name, "tags": tags})
    return policy


def rename_policy(*, policy_id: int, name: str, actor: Actor) -> Policy:
    """Give a policy another name; its short name, which stands in addresses, stays."""
    name = _checked_name(name)
    with transaction.atomic():
        policy = locked_policy(policy_id)
        if policy.name == name:
            return policy
        _refuse_namesake(name, but=policy)
        before, policy.name = policy.name, name
        policy.save(update_fields=["name"])
        record(policy, actor, "policy.renamed", before={"name": before}, after={"name": name})
    return policy


def set_policy_tags(*, policy_id: int, tags: Sequence[str], actor: Actor) -> Policy:
    """Give a policy to the projects with one of the tags; without tags to all.

    Raises DefaultPolicyError: what is imported must reach every project.
    """
    tags = _checked_tags(tags)
    with transaction.atomic():
        policy = locked_policy(policy_id)
        if policy.is_default and tags:
            raise DefaultPolicyError(
                "tags: the default policy is for all projects; make another policy for some.",
                field="tags",
            )
        before = list(policy.tags)
        if before == tags:
            return policy
        policy.tags = tags
        policy.save(update_fields=["tags"])
        record(policy, actor, "policy.tagged", before={"tags": before}, after={"tags": tags})
    return policy


@transaction.atomic
def delete_policy(*, policy_id: int, actor: Actor) -> None:
    """Remove a policy; rules and rulesets stay in the library. Raises DefaultPolicyError."""
    policy = locked_policy(policy_id)
    if policy.is_default:
        raise DefaultPolicyError(
            "The default policy cannot be deleted: imports go to it. Disable its rules instead."
        )
    before = {
        "name": policy.name,
        "tags": list(policy.tags),
        "rules": _named(policy.entries.values_list("rule__path", "mode")),
        "rulesets": _named(policy.ruleset_entries.values_list("ruleset__name", "mode")),
    }
    record(policy, actor, "policy.deleted", before=before)
    policy.delete()


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(
            f"name: give the policy a name of 1 to {LONGEST_NAME} printable characters.",
            field="name",
        )
    return name


def _checked_tags(tags: Sequence[str]) -> list[str]:
    kept = list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
    if len(kept) > MOST_TAGS:
        raise InvalidInputError(f"tags: enter {MOST_TAGS} tags at most.", field="tags")
    if any(len(tag) > LONGEST_TAG or not tag.isprintable() for tag in kept):
        raise InvalidInputError(
            f"tags: a tag has {LONGEST_TAG} printable characters at most.", field="tags"
        )
    return kept


def _refuse_namesake(name: str, *, but: Policy | None = None) -> None:
    others = Policy.objects.filter(name__iexact=name).exclude(pk=but.pk if but else None)
    if others.exists():
        raise InvalidInputError(
            f"name: there is a policy “{name}” already; choose another name.", field="name"
        )


def _free_slug(name: str) -> str:
    base = slugify(name)[:_SLUG_ROOM].strip("-") or "policy"
    taken = set(Policy.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbered) if slug not in taken)


def _named(rows: Any) -> dict[str, str]:
    return dict(rows[:NAMED_IN_AUDIT])
