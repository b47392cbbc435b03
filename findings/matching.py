"""Which reported findings are which known ones: on the scan's own ref, then on the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from findings.identity import Checked, Mark, pair, pair_exactly, split_id
from findings.known import Known, KnownInstance
from findings.reading import Report
from findings.reports.values import ReportedFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """The outcome; reported findings are named by their position in the report."""

    instances: Mapping[int, KnownInstance]
    finding_ids: Mapping[int, int]
    """Of findings that are known, but not on this ref."""


def match(
    *, report: Report, known: Known, instances: Sequence[KnownInstance], is_diff: bool
) -> Matches:
    """Pair a report with what is known of its project."""
    reported = [_mark(key, finding) for key, finding in enumerate(report.findings)]
    checked = _checked(report, is_diff=is_diff)
    on_ref = pair(reported, known.instance_marks(instances), checked)
    left = [mark for mark in reported if mark.key not in on_ref]
    elsewhere: dict[int, int] = {}
    if left:
        others = known.other_marks()
        elsewhere = pair_exactly(left, others) if is_diff else pair(left, others, checked)
    return Matches(
        instances={key: instances[position] for key, position in on_ref.items()},
        finding_ids=elsewhere,
    )


def _mark(key: int, finding: ReportedFinding) -> Mark:
    return Mark(
        key,
        finding.rule.check_id,
        finding.path,
        *split_id(finding.match_based_id),
        finding.code_hash,
        finding.pattern_hash,
        finding.start_line,
        finding.start_column,
        finding.rule.product,
    )


def _checked(report: Report, *, is_diff: bool) -> Checked:
    facts = report.facts
    reported_rules = {finding.rule.check_id for finding in report.findings}
    return Checked(
        searched_paths=facts.searched_paths,
        renamed_paths=facts.renamed_paths,
        rule_ids=reported_rules if facts.rule_ids is None else facts.rule_ids | reported_rules,
        reported_paths={finding.path for finding in report.findings},
        is_diff=is_diff,
    )
