"""Figures of the Dashboard and of rules, kept for a moment: many look, and little changes.

What a scan brings and what people decide is shown at once; what announces nothing (a comment was
posted, a project was renamed) within FIGURES_KEPT_SECONDS.
"""

import contextlib
import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.core.cache import cache

from insights.dashboard import dashboard
from insights.dashboard_figures import Dashboard
from insights.filters import FindingFilter
from insights.periods import Window
from insights.rule_figures import RuleFigures, figures_of
from tenants.scope import current_organization_id


def kept_dashboard(wanted: FindingFilter, *, window: Window, now: datetime) -> Dashboard:
    """Return the figures as `insights.dashboard.dashboard` does, or those of a moment ago."""
    seconds = settings.FIGURES_KEPT_SECONDS
    if not seconds:
        return dashboard(wanted, window=window, now=now)
    kept: Dashboard | None = None
    key = ""
    # Without a cache, whatever it raises: we only count once more.
    with contextlib.suppress(Exception):
        # Named before it is counted: what changes meanwhile is not kept under the new edition.
        key = _key(wanted, window)
        kept = cache.get(key)
    if kept is not None:
        return kept
    found = dashboard(wanted, window=window, now=now)
    if key:
        with contextlib.suppress(Exception):
            cache.set(key, found, timeout=seconds)
    return found


def kept_rule_figures(paths: Collection[str]) -> dict[str, RuleFigures]:
    """Return the figures of rules as `insights.rule_figures.figures_of`, or those of a moment ago.

    Each rule's are kept by itself: pages ask for other rules together.
    """
    seconds = settings.FIGURES_KEPT_SECONDS
    if not seconds or not paths:
        return figures_of(paths)
    keys: dict[str, str] = {}
    kept: dict[str, RuleFigures] = {}
    with contextlib.suppress(Exception):
        edition = cache.get(_edition_key(), "")
        keys = {_rule_key(edition, path): path for path in paths}
        kept = {keys[key]: figures for key, figures in cache.get_many(keys).items()}
    missing = [path for path in paths if path not in kept]
    found = figures_of(missing) if missing else {}
    if keys and found:
        with contextlib.suppress(Exception):
            fresh = {key: found[path] for key, path in keys.items() if path in found}
            cache.set_many(fresh, timeout=seconds)
    return {**kept, **found}


def forget_figures() -> None:
    """Have the figures of the organization in scope counted anew."""
    if settings.FIGURES_KEPT_SECONDS:
        with contextlib.suppress(Exception):
            cache.set(_edition_key(), secrets.token_hex(8), timeout=None)


def _key(wanted: FindingFilter, window: Window) -> str:
    asked = hashlib.sha256(repr((wanted, window)).encode()).hexdigest()
    edition = cache.get(_edition_key(), "")
    return f"figures:{current_organization_id()}:{edition}:{asked}"


def _rule_key(edition: str, path: str) -> str:
    name = hashlib.sha256(path.encode()).hexdigest()
    return f"rule-figures:{current_organization_id()}:{edition}:{name}"


def _edition_key() -> str:
    return f"figures:{current_organization_id()}:edition"
