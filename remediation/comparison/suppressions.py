"""Comments and marks that silence a checker; pure."""

import re
from collections import Counter

from remediation.comparison.changes import Change

# Each silences some checker on a line, in a block or in a file.
MARKS = re.compile(
    r"""
    no-?sem(?:grep\b|\b) | \bno-?sec\b | \bno-?qa\b | \bno-?lint(?:next)?(?:line|begin|end)?\b
    | \bno-?sonar\b | \bno-?inspection\b | \bno-?pmd\b | \bno-?cover\b
    | eslint-(?:disable|env|ignore)[\w-]*
    | (?:ts|js|tslint|standard|xo|oxlint|biome|deno)[-:]?lint?-?(?:disable|ignore)[\w-]*
    | @ts-(?:ignore|nocheck|expect-error) | \b(?:jshint|jslint|jscs|tslint)\s*:\s*\S+ | biome-ignore
    | @(?:file:)?Suppress\w*\b | \bSuppress(?:Warnings|Message|FBWarnings|Lint)\b
    | @psalm-suppress | @phpstan-ignore[\w-]*
    | \bphpcs:\s*(?:ignore|disable|set)[\w-]* | @codingStandardsIgnore\w* | @phan-suppress[\w-]*
    | \#\s*pragma\b(?!\s*(?:once|mark|(?:end)?region|omp|pack|comment|message|STDC|unroll)\b)
    | \bpragma:?\s+(?:allowlist|whitelist|no)\b | _Pragma\s*\(
    | \b(?:lgtm|codeql)\s*[\[:] | \blgtm\b | \bcodeql\[ | \bgosec\s*:\s*\S+ | \#nosec
    | \bbandit\s*:\s*\S+ | \brubocop:\s*(?:disable|todo)\b | \bbrakeman\s*:?\s*ignore
    | \btype:\s*ignore\b | \bpyright:\s*(?:ignore|basic|off) | \bmypy:\s*\S+
    | \bpyre-(?:ignore|fixme)
    | \bpylint:\s*(?:disable|skip)[\w-]* | \bflake8:\s*noqa | \bruff:\s*noqa | \bpytype:\s*disable
    | \bsnyk[\s:-]*(?:ignore|disable) | \bdeepcode\s+ignore\b | \bfile\s+deepcode\s+ignore\b
    | \b(?:trivy|tfsec|checkov|kics(?:-scan)?|terrascan|kubelinter|hadolint|dockle|grype|regula)
      \s*[:\#\s-]\s*(?:ignore|skip|disable|ts:skip)[\w=:-]*
    | \bkics-scan\b | \bshellcheck\s+disable | \bcppcheck-suppress[\w-]* | \bcoverity\s*\[
    | \bcoverity_
    | \bdetect-secrets\b | \bgitleaks:\s*allow\b | \btrufflehog:\s*ignore\b | \bggignore\b
    | \bsecretlint-disable[\w-]*
    | \bnoinspection\b | \bdetekt:\s*\S+ | \bktlint-disable\b | \bswiftlint:\s*disable[\w:]*
    | \bSAST[-_ ]?(?:ignore|skip|disable) | \bveracode[-_ ]?(?:ignore|suppress)
    | \bcheckmarx[-_ ]?(?:ignore|suppress)
    | \bfortify[-_ ]?(?:ignore|suppress) | \bhorusec[-_]?ignore | \#\s*hc\b
    | \bdevskim:\s*ignore\b | \bbearer:\s*disable
    | \bnjsscan-ignore\b | \bmobsf-ignore\b | \bskipcq\b | \bsafe(?:ty)?:\s*ignore\b
    | \bcodacy:\s*(?:ignore|disable)\S*
    | \#!?\[\s*(?:cfg_attr\([^)]*)?allow\s*\( | \#!?\[\s*expect\s*\( | \bNOLINT\w*
    """,
    re.IGNORECASE | re.VERBOSE,
)


def added_suppression(change: Change) -> str | None:
    """Return the mark that a change adds, or has moved to another text; None if it adds none."""
    gained = Counter(_marks(change.added_text)) - Counter(_marks(change.removed_text))
    if gained:
        return next(iter(gained))
    kept = {_squeezed(line) for line in change.removed_text}
    for line in change.added_text:
        found = MARKS.search(line)
        if found and _squeezed(line) not in kept:
            return found[0]
    return None


def _marks(lines: list[str]) -> list[str]:
    return [found[0].strip().casefold() for line in lines for found in MARKS.finditer(line)]


def _squeezed(line: str) -> str:
    return "".join(line.split())
