"""What scans do to the state of findings."""

from datetime import UTC, datetime, timedelta

import pytest

from findings.models import (
    Activity,
    Finding,
    Instance,
    Product,
    Scan,
    State,
    Status,
    TriageReason,
    TriageState,
)
from findings.scans import report_problem
from findings.triage_states import TriageChange, triage_findings
from tenants.audit import Actor
from tenants.models import Project
from tests.findings.uploads import (
    a_match,
    a_report,
    announce_scan,
    identity_case,
    on_ref,
    recorded,
    scan_of,
    upload,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
RULES = ["acme.eval", "acme.md5"]


def test_a_new_match_is_an_open_finding_since_now(acme):
    scan = scan_of(a_report(a_match(severity=4)), now=NOON)

    finding = Finding.objects.get()
    assert (finding.state, finding.status, finding.triage_state) == (
        "unresolved",
        "open",
        "untriaged",
    )
    assert (finding.relevant_since, finding.first_scan, finding.severity) == (NOON, scan, 0)
    assert (scan.finding_count, scan.new_count, scan.fixed_count) == (1, 1, 0)


def test_a_match_that_is_gone_from_a_searched_file_is_fixed(acme):
    scan_of(a_report(a_match()), now=NOON)

    scan = scan_of(a_report(paths=["app/a.py"], rules=RULES), now=LATER)

    finding = Finding.objects.get()
    assert (finding.state, finding.status, finding.state_updated_at) == ("fixed", "fixed", LATER)
    assert (scan.finding_count, scan.new_count, scan.fixed_count) == (0, 0, 1)
    assert list(Activity.objects.values_list("kind", "title")) == [("STATUS", "Fixed")]


@pytest.mark.parametrize(
    ("why", "report", "state"),
    [
        ("the rule is off", a_report(paths=["app/a.py"], rules=["acme.md5"]), "removed"),
        ("the file is gone", a_report(paths=["app/b.py"], rules=RULES), "removed"),
        (
            "the engine gave up on the file",
            a_report(paths=["app/a.py"], rules=RULES, skipped_paths=["app/a.py"]),
            "unresolved",
        ),
        ("no rule ran", a_report(paths=[], rules=[]), "unresolved"),
        (
            "only a diff was scanned, whatever was announced",
            a_report(paths=["app/a.py"], rules=RULES, changed_dependency_sources=[]),
            "unresolved",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_match_that_is_not_reported(acme, why, report, state):
    scan_of(a_report(a_match()))

    scan_of(report)

    assert Finding.objects.get().state == state
    assert Instance.objects.get().state == state


def test_a_change_request_closes_nothing(acme):
    scan_of(a_report(a_match(), a_match("eval(y)", line=9)), branch="feature")

    scan_of(a_report(paths=["app/a.py"], rules=RULES), branch="feature", full=False)

    assert [state for _, _, state in on_ref("feature")] == [State.UNRESOLVED] * 2


def test_a_fixed_finding_that_comes_back_is_relevant_anew_and_keeps_its_triage(acme):
    scan_of(a_report(a_match()), now=NOON)
    Finding.objects.update(triage_state="reviewing")
    scan_of(a_report(paths=["app/a.py"], rules=RULES), now=NOON)

    scan = scan_of(a_report(a_match(line=5)), now=LATER)

    finding = Finding.objects.get()
    assert (finding.status, finding.relevant_since, finding.start_line) == ("reviewing", LATER, 5)
    assert scan.new_count == 1
    assert Activity.objects.order_by("-id").first().title == "Found again"


def test_a_muted_match_is_ignored_until_its_comment_goes(acme):
    scan = scan_of(a_report(ignores=[a_match()]), now=NOON)
    finding = Finding.objects.get()
    assert (finding.state, finding.status, scan.finding_count) == ("muted", "ignored", 0)

    scan_of(a_report(a_match()), now=LATER)

    finding.refresh_from_db()
    assert (finding.state, finding.status, finding.relevant_since) == ("unresolved", "open", NOON)


def test_a_scan_for_code_says_nothing_of_dependencies(acme):
    scan_of(recorded("supply-chain-full"), products=("sast", "sca", "secrets"))
    dependencies = Finding.objects.filter(product=Product.SCA)
    assert dependencies.count() == 3

    scan_of(recorded("github-full"), products=("sast",))

    assert set(dependencies.values_list("state", flat=True)) == {"unresolved"}
    assert Finding.objects.get(product=Product.SECRETS).state == "unresolved"


def test_a_dependency_that_was_upgraded_is_fixed(acme):
    report = recorded("supply-chain-full")
    scan_of(report, products=("sca",))

    scan_of({**report, "findings": [], "searched_paths": []}, products=("sca",))

    assert set(Finding.objects.filter(product=Product.SCA).values_list("state", flat=True)) == {
        "fixed"
    }


def test_the_same_upload_in_a_second_scan_changes_nothing(acme):
    scan_of(recorded("github-full"), now=NOON)
    before = [list(model.objects.order_by("id").values()) for model in (Finding, Instance)]

    scan = scan_of(recorded("github-full"), now=LATER)

    assert [list(model.objects.order_by("id").values()) for model in (Finding, Instance)] == before
    assert (scan.finding_count, scan.new_count, scan.fixed_count) == (9, 0, 0)
    assert not Activity.objects.exists()


def test_an_older_scanner_tells_of_the_same_findings(acme):
    scan_of(recorded("cli-1.100.0"))

    assert scan_of(recorded("github-full")).new_count == 0


def test_another_branch_shares_the_finding_and_its_triage(acme):
    scan_of(identity_case("base"))
    Finding.objects.filter(start_line=6).update(
        triage_state="ignored", triage_reason="acceptable_risk"
    )

    scan = scan_of(identity_case("lines_added_above"), branch="feature")

    assert Finding.objects.count() == 3
    assert scan.new_count == 0
    shared = Instance.objects.get(ref__name="feature", start_line=9).finding
    assert (shared.status, shared.start_line) == ("ignored", 6)


def test_what_a_change_request_brings_is_the_finding_that_the_merge_brings(acme):
    scan_of(recorded("github-full"))
    scan_of(recorded("github-pr"), branch="refs/pull/7/merge", full=False)
    brought = Finding.objects.get(ref__name="refs/pull/7/merge", rule__check_id__endswith="md5")
    Finding.objects.filter(id=brought.id).update(triage_state="fixing")
    report = recorded("github-full")

    scan_of({**report, "findings": report["findings"] + recorded("github-pr")["findings"]})

    brought.refresh_from_db()
    assert (brought.ref.name, brought.status) == ("main", "fixing")
    assert Finding.objects.count() == 13


def test_a_finding_shows_its_state_on_the_primary_branch(acme):
    scan_of(a_report(a_match()))
    scan_of(a_report(a_match()), branch="feature")

    scan_of(a_report(paths=["app/a.py"], rules=RULES), branch="feature")

    assert Finding.objects.get().state == "unresolved"
    assert [state for _, _, state in on_ref("feature")] == ["fixed"]


def test_findings_turn_to_the_conventional_branch_once_it_is_scanned(acme):
    scan_of(a_report(a_match(line=3)), branch="try")
    assert Project.objects.get().primary_branch == "try"

    scan_of(a_report(a_match(line=8)), branch="main")

    finding = Finding.objects.get()
    assert Project.objects.get().primary_branch == "main"
    assert (finding.ref.name, finding.start_line) == ("main", 8)


def test_a_branch_chosen_by_hand_stays_the_primary_one(acme):
    scan_of(a_report(a_match()), branch="main")
    Project.objects.update(primary_branch="release")

    scan_of(a_report(a_match()), branch="master")

    assert Project.objects.get().primary_branch == "release"


def test_a_full_scan_that_arrives_late_does_not_undo_a_newer_one(acme):
    old = announce_scan(now=NOON)
    new = announce_scan(now=LATER)
    upload(new, a_report(a_match("eval(y)", line=2), paths=["app/a.py"]), now=LATER)
    before = on_ref()

    upload(old, a_report(a_match("eval(x)", line=1), paths=["app/a.py"]), now=LATER)

    old.refresh_from_db()
    assert on_ref() == before
    assert (old.ingested_at, old.finding_count, old.new_count) == (LATER, 1, 0)


def test_a_late_full_scan_adds_to_a_newer_diff_and_closes_nothing(acme):
    old = announce_scan(now=NOON, branch="feature")
    new = announce_scan(now=LATER, branch="feature", full=False)
    upload(new, a_report(a_match("eval(y)", line=20)), now=LATER)

    upload(old, a_report(a_match("eval(x)", line=1), paths=["app/a.py"]), now=LATER)

    assert [(line, state) for line, _, state in on_ref("feature")] == [
        (1, "unresolved"),
        (20, "unresolved"),
    ]


def test_a_match_whose_code_changed_waits_for_a_new_verdict(acme):
    scan_of(identity_case("base"))
    Finding.objects.update(verdict="false_positive")

    scan_of(identity_case("same_line_outside_match"))

    assert list(Finding.objects.order_by("start_line").values_list("verdict", flat=True)) == [
        "",
        "",
        "false_positive",
    ]


def test_what_was_fixed_does_not_lend_its_triage_to_other_code(acme):
    scan_of(a_report(a_match("print(1)", pattern="print(...)")))
    Finding.objects.update(triage_state="ignored", triage_reason="false_positive")
    scan_of(a_report(paths=["app/a.py"], rules=RULES))

    scan_of(a_report(a_match("print(password)", pattern="print(...)")))

    assert sorted(Finding.objects.values_list("status", flat=True)) == ["fixed", "open"]


def test_a_dependency_rule_is_not_mistaken_for_one_that_was_renamed(acme):
    nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    hashes = {"code_hash": "c" * 64, "pattern_hash": nothing}
    sca = {"path": "requirements.txt", "sca_info": {}, "hashes": hashes, "metadata": {}}
    scan_of(a_report(a_match(rule="cve-1", **sca)), products=("sca",))

    scan_of(a_report(a_match(rule="cve-2", **sca)), products=("sca",))

    assert Finding.objects.count() == 2


def test_the_place_of_a_fixed_finding_belongs_to_the_scan_that_saw_it(acme):
    first = scan_of(a_report(a_match()))

    scan_of(a_report(paths=["app/a.py"], rules=RULES))

    assert Instance.objects.get().last_scan == first


def test_two_files_renamed_at_once_keep_their_findings_apart(acme):
    twins = [a_match("eval(x)", path=f"old/{name}.py", line=3) for name in ("a", "b")]
    marked = a_match("eval(marker)", path="old/b.py", line=9)
    scan_of(a_report(*twins, marked))
    of_b = Finding.objects.get(file__path="old/b.py", start_line=3)

    scan_of(
        a_report(
            a_match("eval(x)", path="new/c.py", line=3),
            a_match("eval(x)", path="new/d.py", line=3),
            a_match("eval(marker)", path="new/d.py", line=9),
        )
    )

    of_b.refresh_from_db()
    assert of_b.file.path == "new/d.py"
    assert Finding.objects.count() == 3


def test_a_scan_knows_how_many_and_since_when(acme):
    scan = scan_of(recorded("github-full"), now=NOON)

    assert (scan.finding_count, scan.ingested_at) == (9, NOON)
    assert Scan.objects.get().meta == {}


def test_a_problem_is_kept_once_and_marks_its_scan(acme):
    scan = announce_scan(now=NOON)

    for _ in range(2):
        report_problem(
            kind="engine_error",
            unique_id=scan.unique_id,
            scan=scan,
            exit_code=7,
            detail="bad\0rule " + "x" * 30_000,
            now=NOON,
        )

    (problem,) = scan.problems.all()
    scan.refresh_from_db()
    assert (scan.status, problem.exit_code, len(problem.detail)) == ("error", 7, 20_000)


@pytest.mark.parametrize("change", [{"searched_paths": None}, {}])
def test_a_report_that_does_not_say_what_it_searched_closes_nothing(acme, change):
    scan_of(a_report(a_match()))
    report = a_report(rules=["acme.eval"])
    del report["searched_paths"]

    stored = upload(announce_scan(), report | change)

    assert stored.error.startswith("$.searched_paths: ")
    assert [state for _line, _finding, state in on_ref()] == ["unresolved"]


def ignored_finding(**fields):
    scan_of(a_report(a_match(**fields)))
    finding = Finding.objects.get()
    change = TriageChange(state=TriageState.IGNORED, reason=TriageReason.FALSE_POSITIVE)
    triage_findings(finding_ids=[finding.id], change=change, actor=Actor.platform(), now=NOON)
    return finding


def test_an_ignored_match_that_was_edited_in_place_stays_ignored(acme):
    finding = ignored_finding(line=10, code="verify(a)", pattern="verify(...)")

    scan_of(a_report(a_match(line=14, code="verify(b)", pattern="verify(...)")))

    finding.refresh_from_db()
    assert (finding.status, finding.start_line) == (Status.IGNORED, 14)


def test_other_code_far_from_an_ignored_match_is_looked_at_by_a_person(acme):
    finding = ignored_finding(line=10, code="verify(a)", pattern="verify(...)")

    scan_of(a_report(a_match(line=300, code="verify(evil)", pattern="verify(...)")))

    finding.refresh_from_db()
    assert (finding.status, finding.triage_state, finding.triage_reason) == (
        Status.OPEN,
        TriageState.REOPENED,
        "",
    )
    titles = list(Activity.objects.filter(finding=finding).values_list("title", flat=True))
    assert "Reopened: other code stands where it was ignored" in titles


def test_equal_code_far_from_where_it_was_stays_ignored(acme):
    finding = ignored_finding(line=10, code="verify(a)", pattern="verify(...)")

    scan_of(a_report(a_match(line=300, code="verify(a)", pattern="verify(...)")))

    finding.refresh_from_db()
    assert finding.status == Status.IGNORED
