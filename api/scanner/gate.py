"""Does this scan block? Decided for each finding, when the scan is complete."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from findings.models import Scan, UploadStatus
from findings.open_matches import open_matches
from findings.reported import reports_of
from rules.models import Mode

NAMED_RULES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether a scan blocks, and by which findings; `reason` is blank when it does not."""

    match_based_ids: Sequence[str] = ()
    reason: str = ""

    @property
    def is_blocking(self) -> bool:
        """Say whether the scanner is to fail its job."""
        return bool(self.reason)


def blocking_rules(scan: Scan) -> list[str]:
    """Return the paths of the rules that were served for this scan in block mode."""
    return [path for path, mode in scan.served_modes.items() if mode == Mode.BLOCK]


def decide(scan: Scan) -> Decision:
    """Block on findings of this scan whose rule was served in block mode and that are not closed.

    `findings.open_matches` says which are open. Results that we cannot read, or that never came,
    block too: nobody knows what they hold.
    """
    rules = blocking_rules(scan)
    if not rules:
        return Decision()
    if trouble := _why_unread(scan):
        rule_count = "1 rule is" if len(rules) == 1 else f"{len(rules)} rules are"
        return Decision(reason=f"{rule_count} in block mode, and {trouble}")
    reported = (finding for report in reports_of(scan) for finding in report.findings)
    found = open_matches(scan=scan, reported=reported, rules=rules)
    if not found:
        return Decision()
    return Decision(match_based_ids=sorted(found), reason=_explain(Counter(found.values())))


def _why_unread(scan: Scan) -> str:
    """Say why nothing of the scan's results was read; blank where something was."""
    errors = dict(scan.uploads.order_by("id").values_list("status", "error"))
    if UploadStatus.INGESTED in errors:
        return ""
    if not errors:
        return "no results came. Scan again; the Scans page shows what went wrong."
    return f"the results could not be read: {errors[UploadStatus.REFUSED]} Scan again."


def _explain(counts: Counter[str]) -> str:
    total = counts.total()
    named = [f"{rule} ({count})" for rule, count in counts.most_common(NAMED_RULES)]
    more = len(counts) - len(named)
    if more > 0:
        named.append(f"{more} more rules")
    noun = "finding" if total == 1 else "findings"
    return f"{total} open {noun} of rules in block mode: {', '.join(named)}. Fix or triage them."
