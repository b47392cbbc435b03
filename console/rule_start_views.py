"""From a finding to the rule editor: a rule that leaves it out, or one that finds more like it."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.code import Place
from console.selectors import instance_shown
from core.errors import InvalidInputError, NotFoundError, TransientError
from findings.models import Finding, Instance, Product
from findings.selectors import commit_to_read, get_finding, instances_of
from integrations.codehosts import CodeUnavailableError
from integrations.selectors import code_host_for
from rules.editor_page import page_context
from rules.languages import language_of
from rules.library import text_of
from rules.models import RuleSource
from rules.opening import Opened
from rules.prefills import more_like_this, not_here
from rules.selectors import find_rule
from rules.writing import with_id, with_id_in_tests
from tenants.permissions import MemberRequest, Permission, requires

IN_THE_TEST = (
    "The code of the finding stands in the test as “ok:”. Change the rule until the test passes;"
    " other lines that it finds there want a comment too."
)
LETTER_BY_LETTER = (
    "The rule finds this code letter by letter. Replace what may differ by “...” and metavariables"
    " like $X."
)
AIMS = ("not-here", "more-like-this")
# A short file goes in whole, so that it parses; of a long one what stands around the match.
WHOLE_LINES = 200
MARGIN_LINES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Lines of the finding's file; the one its match begins on, 1-based among them, and the match.

    Without a line where the file does not reach that far, or `problem` says why there is no code.
    """

    path: str
    code: str = ""
    line: int | None = None
    matched_text: str = ""
    problem: str = ""

    @property
    def lines(self) -> tuple[int, ...]:
        """The line that a comment of the test is put above: inside the match none would be safe."""
        return () if self.line is None else (self.line,)


@require_safe
@requires(Permission.MANAGE_RULES)
def rule_from_finding(request: MemberRequest, finding_id: int, aim: str) -> HttpResponse:
    """Open the editor with what a finding gives a rule to begin with; nothing is saved."""
    finding = get_finding(finding_id)
    if aim not in AIMS:
        raise NotFoundError(f"There is no such beginning; use one of {', '.join(AIMS)}.")
    if finding.product != Product.SAST:
        raise InvalidInputError("Only findings in code can begin a rule: open one of these.")
    excerpt = _excerpt(finding)
    opened = _not_here(finding, excerpt) if aim == "not-here" else _more(finding, excerpt)
    context = {**page_context(request, opened), "finding": finding}
    return render(request, "rules/editor.html", context)


def _not_here(finding: Finding, excerpt: Excerpt) -> Opened:
    rule = find_rule(finding.rule.check_id)
    if rule is None or rule.deleted_at is not None:
        raise NotFoundError(
            f"The rule {finding.rule.check_id} is not in the library, so it cannot be changed"
            " here: import it first, or ignore the finding."
        )
    text, test_code, note = text_of(rule), rule.test_code, ""
    is_copy = rule.source == RuleSource.SHIPPED
    if is_copy:
        copy = f"{rule.path}-fork"
        text = with_id(text, copy)
        test_code = with_id_in_tests(test_code, old=rule.path, new=copy)
        note = " This is a copy of a shipped rule: disable the original where the copy is used."
    start = not_here(
        text=text,
        test_code=test_code,
        path=excerpt.path,
        code=excerpt.code,
        matched_lines=excerpt.lines,
    )
    return Opened(
        text=start.text,
        test_code=start.test_code,
        language=language_of(excerpt.path),
        rule=None if is_copy else rule,
        version=None if is_copy else rule.version,
        note=(excerpt.problem or IN_THE_TEST) + note,
        is_unsaved=True,
    )


def _more(finding: Finding, excerpt: Excerpt) -> Opened:
    start = more_like_this(
        rule_id=finding.rule.check_id,
        path=excerpt.path,
        code=excerpt.code,
        matched_lines=excerpt.lines,
        matched_text=excerpt.matched_text,
    )
    return Opened(
        text=start.text,
        test_code=start.test_code,
        language=language_of(excerpt.path),
        note=excerpt.problem or LETTER_BY_LETTER,
        is_unsaved=True,
    )


def _excerpt(finding: Finding) -> Excerpt:
    path = finding.file.path
    try:
        instance, text = _read(finding)
    except CodeUnavailableError as error:
        return Excerpt(path=path, problem=_without_code(error.detail))
    except TransientError:
        busy = "The code host does not answer at the moment."
        return Excerpt(path=path, problem=_without_code(busy))
    return cut_out(path, text, place_of(instance))


def _read(finding: Finding) -> tuple[Instance, str]:
    instance = instance_shown(list(instances_of(finding)), finding, "")
    commit = commit_to_read(instance) if instance else ""
    if instance is None or not commit:
        raise CodeUnavailableError("We do not know which code the scan saw.")
    host = code_host_for(finding.project)
    return instance, host.read_file(path=instance.file.path, commit=commit).text


def _without_code(problem: str) -> str:
    return f"{problem} Paste the code of the finding into the test yourself."


def place_of(instance: Instance) -> Place:
    """Return where a match is."""
    return Place(
        start_line=instance.start_line,
        start_column=instance.start_column,
        end_line=instance.end_line,
        end_column=instance.end_column,
    )


def cut_out(path: str, text: str, place: Place) -> Excerpt:
    """Return the lines around a match, and the match."""
    lines = text.split("\n")
    first, last = place.start_line, place.end_line
    if not 0 < first <= last <= len(lines):
        return Excerpt(path=path, code=text if len(lines) <= WHOLE_LINES else "")
    begin, end = 0, len(lines)
    if len(lines) > WHOLE_LINES:
        begin, end = max(0, first - 1 - MARGIN_LINES), min(len(lines), last + MARGIN_LINES)
    return Excerpt(
        path=path,
        code="\n".join(lines[begin:end]),
        line=first - begin,
        matched_text=_between(lines[first - 1 : last], place),
    )


def _between(lines: list[str], place: Place) -> str:
    """Return what stands between the columns of a match, which count bytes."""
    head = lines[0].encode()[: place.start_column - 1].decode(errors="ignore")
    tail = lines[-1].encode()[place.end_column - 1 :].decode(errors="ignore")
    whole = "\n".join(lines)
    # The first line keeps its indent, so that the lines below stay aligned with it.
    indent = head if head.isspace() else ""
    return indent + whole[len(head) : len(whole) - len(tail)]
