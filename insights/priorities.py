"""What is most worth doing: one ranking of what is undecided, over all products.

Findings that one remedy closes form a bundle: in code those of one rule in one folder, in
dependencies those of one package in one folder (one upgrade), of secrets those of one rule in one
folder. A finding's weight is the product of its factors below; nothing else counts:

- severity: of low severity nothing is ever recommended;
- confidence: how sure the rule's author is;
- verdict: what was judged real counts more, a false positive not at all;
- component: what is at stake in its file;
- age: from 1 up to 1.5 after a quarter of a year.

A bundle's impact is `sqrt(largest weight * sum of weights)`: n equal findings count as sqrt(n), so
many do not drown one that is worse, and a further finding never makes a bundle less urgent. Its
effort is 1 for the first finding, and for each further one what a look at one more place costs: a
tenth in code, nothing in dependencies, half for secrets, where each is to be revoked. The score
is impact / effort; equal scores are ordered by project, product, remedy and folder.

Only what stands on a project's primary branch counts, of projects that are not archived.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import CombinedExpression
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Extract, Greatest, Least, NullIf, Sqrt

from findings.models import (
    UNDECIDED,
    ComponentRisk,
    Conclusion,
    Confidence,
    Finding,
    Product,
    Severity,
)

SEVERITY_WEIGHTS = {Severity.CRITICAL: 10.0, Severity.HIGH: 6.0, Severity.MEDIUM: 2.0}
CONFIDENCE_WEIGHTS = {
    Confidence.HIGH: 1.0,
    Confidence.MEDIUM: 0.8,
    Confidence.UNKNOWN: 0.6,
    Confidence.LOW: 0.4,
}
VERDICT_WEIGHTS = {"": 1.0, Conclusion.NEEDS_REVIEW: 1.0, Conclusion.TRUE_POSITIVE: 1.5}
COMPONENT_WEIGHTS = {
    "": 1.0,
    ComponentRisk.NEUTRAL: 1.0,
    ComponentRisk.HIGH: 1.5,
    ComponentRisk.LOW: 0.4,
}
EFFORT_OF_ONE_MORE = {Product.SAST: 0.1, Product.SCA: 0.0, Product.SECRETS: 0.5}
OLD_AFTER = timedelta(days=90)
AGE_ADDS = 0.5
# Findings are told apart by the folder of their file.
_FILE_NAME = r"/?[^/]*$"
_PACKAGE = KeyTextTransform("assistant.package", "rule__metadata")
_TEXT = CharField()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Findings that one remedy closes, and what makes them urgent."""

    project_id: int
    project_name: str
    product: Product
    remedy: str
    """The rule's id; of dependencies the package, where it is known."""
    folder: str
    """Blank: the repository's root."""
    sample_rule_id: int
    """One of the rows that tell of its rule."""
    sample_path: str
    """One of its files."""
    findings: int
    files: int
    criticals: int
    highs: int
    real: int
    """How many were judged real."""
    component: str
    """One of the high-risk components that it stands in; blank: none."""
    oldest: datetime
    score: float

    @property
    def key(self) -> str:
        """What tells it from the project's other bundles."""
        return f"{self.product}:{self.folder}:{self.remedy}"


def recommendable() -> QuerySet[Finding]:
    """Return the findings that may be recommended to be fixed, with their remedy and folder."""
    findings: QuerySet[Finding] = (
        Finding.objects.filter(
            status__in=UNDECIDED,
            severity__in=list(SEVERITY_WEIGHTS),
            verdict__in=list(VERDICT_WEIGHTS),
            project__is_archived=False,
            is_on_primary=True,
        )
        .annotate(
            remedy=Coalesce(
                Case(
                    When(product=Product.SCA, then=NullIf(_PACKAGE, Value(""), output_field=_TEXT)),
                    output_field=_TEXT,
                ),
                F("rule__check_id"),
                output_field=_TEXT,
            ),
            folder=Func(
                F("file__path"),
                Value(_FILE_NAME),
                Value(""),
                function="regexp_replace",
                output_field=_TEXT,
            ),
        )
        .order_by()
    )
    return findings


def ranked_bundles(*, now: datetime, limit: int) -> list[Bundle]:
    """Return the `limit` bundles with the highest scores, the highest first, in one query."""
    rows = (
        recommendable()
        .annotate(weight=_weight(now))
        .values("project_id", "product", "remedy", "folder", project_name=F("project__name"))
        .annotate(
            sample_rule_id=Max("rule_id"),
            sample_path=Min("file__path"),
            findings=Count("id"),
            files=Count("file_id", distinct=True),
            criticals=Count("id", filter=Q(severity=Severity.CRITICAL)),
            highs=Count("id", filter=Q(severity=Severity.HIGH)),
            real=Count("id", filter=Q(verdict=Conclusion.TRUE_POSITIVE)),
            component=Max("file__component", filter=Q(file__component_risk=ComponentRisk.HIGH)),
            oldest=Min("relevant_since"),
            score=Cast(Sqrt(Max("weight") * Sum("weight")) / _effort(), FloatField()),
        )
        .order_by("-score", "project_id", "product", "remedy", "folder")[:limit]
    )
    return [_bundle(row) for row in rows]


def _bundle(row: Mapping[str, Any]) -> Bundle:
    known = {**row, "product": Product(row["product"]), "component": row["component"] or ""}
    return Bundle(**known)


def _weight(now: datetime) -> "ExpressionWrapper[CombinedExpression]":
    open_for = ExpressionWrapper(Value(now) - F("relevant_since"), output_field=DurationField())
    old_ratio = Extract(open_for, "epoch", output_field=FloatField()) / OLD_AFTER.total_seconds()
    age = 1.0 + AGE_ADDS * Greatest(0.0, Least(1.0, old_ratio))
    return ExpressionWrapper(
        _factor("severity", SEVERITY_WEIGHTS)
        * _factor("confidence", CONFIDENCE_WEIGHTS)
        * _factor("verdict", VERDICT_WEIGHTS)
        * _factor("file__component_risk", COMPONENT_WEIGHTS)
        * age,
        output_field=FloatField(),
    )


def _factor(field: str, weights: Mapping[Any, float]) -> Case:
    cases = [When(**{field: value}, then=Value(weight)) for value, weight in weights.items()]
    return Case(*cases, default=Value(0.0), output_field=FloatField())


def _effort() -> "ExpressionWrapper[CombinedExpression]":
    one_more = _factor("product", EFFORT_OF_ONE_MORE)
    return ExpressionWrapper(1.0 + one_more * (Count("id") - 1.0), output_field=FloatField())
