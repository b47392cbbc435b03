"""The scanner's word on rules that it has not seen yet."""

from collections.abc import Sequence

from integrations.semgrep.runner import validate_rules
from rules.candidates import Candidate, Refusal
from rules.selectors import rules_by_path


def untried(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return those that are new or say something else than before; the others passed once."""
    known = rules_by_path([offer.path for offer in candidates])
    return [
        offer
        for offer in candidates
        if offer.path not in known or known[offer.path].content_hash != offer.content_hash
    ]


def refused_by_scanner(candidates: Sequence[Candidate]) -> list[Refusal]:
    """Run the scanner over these; takes seconds. Raises ScannerFailedError."""
    return [
        Refusal(
            place=candidates[problem.index].place,
            rule_id=problem.rule_id,
            reason=f"the scanner refuses it: {problem.reason}",
        )
        for problem in validate_rules([offer.definition for offer in candidates])
    ]
