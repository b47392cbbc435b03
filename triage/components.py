"""Which part of the product a file belongs to, told from its path, imports and names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from findings.models import ComponentRisk
from triage.answers import ComponentName
from triage.syntax import Source, walk

HIGH_RISK: tuple[ComponentName, ...] = (
    "user authentication", "user authorization", "infrastructure", "superuser", "payments",
    "user data", "PII", "cryptography",
)  # fmt: skip
LOW_RISK: tuple[ComponentName, ...] = (
    "tests", "developer scripts", "sample code", "observability",
)  # fmt: skip
MIN_SCORE = 3
_WEIGHTS = {"path": 3, "import": 3, "name": 1}
_MAX_FROM_NAMES = 4

_PATH_WORDS: Mapping[ComponentName, str] = {
    "observability": "metrics?|telemetry|tracing|monitoring|observability|logging|loggers?",
    "user authentication": (
        "auth|authn|authentication|login|logins|signin|signup|sessions?|sso|oauth2?|saml|passwords?"
        "|mfa|otp|jwt"
    ),
    "user authorization": "authz|authorization|permissions?|acl|rbac|roles?|policies",
    "infrastructure": (
        "infra|infrastructure|deploy|deployment|terraform|k8s|kubernetes|helm|docker|ci|dockerfile"
    ),
    "superuser": "admin|admins|administration|superuser|sudo|backoffice|staff",
    "payments": (
        "payments?|billing|checkout|invoices?|stripe|paypal|subscriptions?|refunds?|wallets?"
    ),
    "user data": "users?|accounts?|profiles?|customers?|members?",
    "PII": "pii|gdpr|privacy|kyc|patients?|identity",
    "cryptography": "crypto|cryptography|encryption|cipher|ciphers|signing|keystore|hashing",
}
_PATHS: Mapping[ComponentName, str] = {
    "tests": (
        r"(?:^|/)(?:tests?|__tests__|specs?|e2e|testing|testdata|fixtures?)/"
        r"|(?:^|/)test_[^/]*\.py$|_tests?\.(?:py|go|rb)$|\.(?:test|spec)\.[jt]sx?$"
        r"|(?:^|/)conftest\.py$|Tests?\.(?:java|kt|cs)$"
    ),
    "sample code": r"(?:^|/)(?:examples?|samples?|demos?|tutorials?|playground)/",
    "developer scripts": (
        r"(?:^|/)(?:scripts?|tools?|bin|hack|dev|contrib)/"
        r"|(?:^|/)(?:setup\.py|noxfile\.py|fabfile\.py|tasks\.py|gulpfile\.js|Gruntfile\.js"
        r"|webpack\.config\.[cm]?js|Rakefile)$"
    ),
    **{name: rf"(?:^|[/_-])(?:{words})(?:[/_.-]|$)" for name, words in _PATH_WORDS.items()},
}
_IMPORTS: Mapping[ComponentName, str] = {
    "tests": r"\b(?:pytest|unittest|jest|mocha|chai|junit|testing|vitest|rspec)\b",
    "user authentication": (
        r"\b(?:flask_login|passport|bcryptjs?|argon2|jsonwebtoken|PyJWT|authlib|allauth|pyotp"
        r"|django\.contrib\.auth|springframework\.security|golang-jwt|oauth2)\b|\bimport jwt\b"
    ),
    "user authorization": r"\b(?:casbin|casl|oso|guardian|pundit|cancancan)\b",
    "infrastructure": (
        r"\b(?:boto3|kubernetes|docker|pulumi|aws_cdk|paramiko|ansible|fabric)\b|aws-sdk"
    ),
    "payments": r"\b(?:stripe|paypalrestsdk|braintree|adyen|paddle|square)\b",
    "cryptography": (
        r"\b(?:cryptography|Crypto|nacl|Cryptodome|javax\.crypto|crypto-js|node-forge)\b"
        r"|crypto/(?:aes|cipher|rsa|hmac)|[\"'](?:node:)?crypto[\"']"
    ),
    "observability": (
        r"\b(?:prometheus_client|opentelemetry|sentry_sdk|statsd|datadog|winston|pino|prom-client)\b"
    ),
}
_NAMES: Mapping[ComponentName, str] = {
    "user authentication": (
        r"login|log_?out|authenticat|passwor?d|sign_?in|credential|session_?token|verify_?token"
    ),
    "user authorization": r"authoriz|permission|has_?role|is_?allowed|access_?control",
    "superuser": r"is_?admin|superuser|is_?staff|sudo|impersonat",
    "payments": r"payment|invoice|card_?number|refund|checkout|billing|charge_?card",
    "PII": (
        r"social_?security|ssn|date_?of_?birth|passport_?number|national_?id|home_?address"
        r"|phone_?number"
    ),
    "user data": r"user_?profile|update_?user|customer|account_?holder|user_?record",
    "cryptography": r"encrypt|decrypt|cipher|private_?key|hmac|signature",
    "infrastructure": r"kubernetes|terraform|provision|load_?balancer|deploy",
    "observability": r"tracer|telemetry|histogram",
}
# A path that says "this is not the product" wins over what the code is about.
_FIRST: tuple[ComponentName, ...] = ("tests", "sample code", "developer scripts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A tag with its risk and the marker it was told by; a blank name: no marker was found."""

    name: ComponentName
    risk: ComponentRisk
    reason: str


def risk_of(name: ComponentName) -> ComponentRisk:
    """Return how much is at stake in a component."""
    if name in HIGH_RISK:
        return ComponentRisk.HIGH
    return ComponentRisk.LOW if name in LOW_RISK else ComponentRisk.NEUTRAL


def tag_of(source: Source) -> Component:
    """Return the component of a file by its markers; blank when they are too few."""
    path = source.path
    for name in _FIRST:
        if re.search(_PATHS[name], path):
            return _component(name, f"Its path: {path}")
    imports, names = source.import_text, _identifiers(source)
    scores = {
        name: _score(name, path=path, imports=imports, names=names)
        for name in (*HIGH_RISK, *LOW_RISK)
    }
    best = max(scores, key=lambda name: scores[name])
    if scores[best] < MIN_SCORE:
        return Component(
            name="",
            risk=ComponentRisk.NEUTRAL,
            reason="No marker of a high-risk or low-risk component was found.",
        )
    return _component(best, _why(best, path=path, imports=imports))


def _component(name: ComponentName, reason: str) -> Component:
    return Component(name=name, risk=risk_of(name), reason=reason[:400])


def _identifiers(source: Source) -> list[str]:
    if source.tree is None:
        return []
    kinds = {"identifier", "property_identifier", "field_identifier", "type_identifier"}
    return sorted({source.text_of(node) for node in walk(source.root) if node.type in kinds})


def _score(name: ComponentName, *, path: str, imports: str, names: list[str]) -> int:
    score = 0
    if re.search(_PATHS[name], path.lower() if name in HIGH_RISK else path):
        score += _WEIGHTS["path"]
    if name in _IMPORTS and re.search(_IMPORTS[name], imports):
        score += _WEIGHTS["import"]
    if name in _NAMES:
        pattern = re.compile(_NAMES[name], re.IGNORECASE)
        hits = sum(bool(pattern.search(text)) for text in names)
        score += min(hits * _WEIGHTS["name"], _MAX_FROM_NAMES)
    return score


def _why(name: ComponentName, *, path: str, imports: str) -> str:
    if re.search(_PATHS[name], path.lower() if name in HIGH_RISK else path):
        return f"Its path: {path}"
    found = re.search(_IMPORTS[name], imports) if name in _IMPORTS else None
    return f"It imports {found[0].strip()}." if found else "Names in its code."
