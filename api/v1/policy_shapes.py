"""The JSON names of policies in the public API, and their translation from our words."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from api.bodies import Text
from api.v1.assistant_shapes import Moment
from rules import models
from rules.models import Mode
from rules.policy_entries import PolicyEntry
from rules.rule_facts import facts_of

ModeWord = Literal["MODE_MONITOR", "MODE_COMMENT", "MODE_BLOCK", "MODE_DISABLED"]
# A word that the rule does not say, or that we do not know.
UNSPECIFIED = "UNSPECIFIED"


class CamelShape(BaseModel):
    """A part of an answer whose names are written like `isDefault`."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class PolicyShape(CamelShape):
    """A policy."""

    id: int
    name: str
    slug: str
    is_default: bool
    product_type: str = "PRODUCT_TYPE_SAST"


class Policies(CamelShape):
    """All policies, the oldest first."""

    policies: list[PolicyShape]


class PolicyRuleShape(CamelShape):
    """A rule in a policy; who changed it is known of modes that were given to the rule itself."""

    id: int
    path: str
    url: str
    category: str
    severity: str
    confidence: str
    policy_mode: ModeWord
    source: str
    languages: list[str]
    technologies: list[str]
    cwe_categories: list[str]
    owasp_categories: list[str]
    vulnerability_class: list[str]
    rulesets: list[str]
    last_change_at: Moment | None
    last_change_by: str | None


class PolicyRules(CamelShape):
    """One page of a policy's rules, by path; a blank cursor: it was the last one."""

    policy: PolicyShape
    rules: list[PolicyRuleShape]
    cursor: str


class PolicyUpdate(BaseModel):
    """The mode that a rule of the library gets in a policy, whatever its rulesets say there."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=False
    )

    rule_path: Annotated[Text, StringConstraints(min_length=1, max_length=400)] = Field(
        description="The rule's id in reports."
    )
    policy_mode: ModeWord

    @property
    def mode(self) -> Mode:
        """Return the mode in our word."""
        return Mode(self.policy_mode.removeprefix("MODE_").lower())


class PolicyUpdated(CamelShape):
    """What was changed."""

    policy_id: int
    updated_rule: PolicyRuleShape


def policy_shape(policy: models.Policy) -> PolicyShape:
    """Return the shape of a policy."""
    return PolicyShape(
        id=policy.pk,
        name=policy.name,
        slug=policy.slug,
        is_default=policy.is_default,
        product_type="PRODUCT_TYPE_SAST",
    )


def rule_shape(entry: PolicyEntry, *, url_of: Callable[[int], str]) -> PolicyRuleShape:
    """Return the shape of a rule that the policy has."""
    rule, facts = entry.rule, facts_of(entry.rule.definition)
    return PolicyRuleShape(
        id=rule.pk,
        path=rule.path,
        url=url_of(rule.pk),
        category=facts.category,
        severity=f"SEVERITY_{(facts.severity or UNSPECIFIED).upper()}",
        confidence=f"CONFIDENCE_{(facts.confidence or UNSPECIFIED).upper()}",
        policy_mode=_MODE_WORDS[entry.mode or Mode.DISABLED],
        source=f"SOURCE_{rule.source.upper()}",
        languages=list(rule.languages),
        technologies=list(facts.technologies),
        cwe_categories=list(facts.cwe),
        owasp_categories=list(facts.owasp),
        vulnerability_class=list(facts.vulnerability_classes),
        rulesets=list(entry.rulesets),
        last_change_at=entry.changed_at,
        last_change_by=entry.changed_by or None,
    )


_MODE_WORDS: Mapping[Mode, Any] = {mode: f"MODE_{mode.name}" for mode in Mode}
