"""What holds whatever people do to a repository: generated edits, scanned again and again."""

from dataclasses import dataclass, field, replace

import pytest
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findings.models import Activity, Finding, FindingCount, Instance, State
from findings.triage_states import TriageChange, triage_findings
from tenants.audit import Actor
from tests.findings.uploads import a_match, a_report, scan_of

LIVE = [State.UNRESOLVED, State.MUTED]
RULES = ["acme.eval", "acme.md5", "acme.print"]
GAP = 3


@dataclass(frozen=True)
class Match:
    """A line of code that a rule matches; `tag` names the line through its life."""

    rule: str
    code: str
    tag: int
    is_muted: bool = False


@dataclass
class Repository:
    """Files as lists of matches, and lines without one between them."""

    files: dict[str, list[Match]] = field(default_factory=dict)
    tags: int = 0
    renames: int = 0

    def report(self):
        """What the scanner would upload, ids numbered as it numbers them."""
        found, muted = [], []
        for path, matches in self.files.items():
            numbers = {}
            for index, match in enumerate(matches):
                key = (match.rule, match.code)
                number = numbers[key] = numbers.get(key, -1) + 1
                one = a_match(
                    match.code, rule=match.rule, path=path, line=index * GAP + 1, number=number
                )
                (muted if match.is_muted else found).append(one)
        return a_report(*found, ignores=muted, paths=sorted(self.files), rules=RULES)


class Edits:
    """The edits that a generated history is made of; each takes numbers and picks by them."""

    def insert(self, repository, where, what):
        matches = self._file(repository, where)
        repository.tags += 1
        match = Match(RULES[what % 3], f"call({what % 4})", repository.tags)
        matches.insert(where % (len(matches) + 1), match)

    def delete(self, repository, where, what):
        matches = self._file(repository, where)
        if matches:
            del matches[what % len(matches)]

    def mute(self, repository, where, what):
        matches = self._file(repository, where)
        if matches:
            index = what % len(matches)
            matches[index] = replace(matches[index], is_muted=not matches[index].is_muted)

    def rename(self, repository, where, what):
        path = sorted(repository.files)[where % len(repository.files)]
        repository.renames += 1
        repository.files[f"new{repository.renames}/{path.split('/')[-1]}"] = repository.files.pop(
            path
        )

    def add_file(self, repository, where, what):
        repository.renames += 1
        repository.files[f"app/f{repository.renames}.py"] = []

    @staticmethod
    def _file(repository, where):
        return repository.files[sorted(repository.files)[where % len(repository.files)]]


EDIT = st.tuples(
    st.sampled_from(["insert", "insert", "insert", "delete", "mute", "rename", "add_file"]),
    st.integers(0, 20),
    st.integers(0, 20),
)
HISTORY = st.lists(st.lists(EDIT, max_size=6), min_size=1, max_size=4)
FAST = settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def play(repository, edits):
    for name, where, what in edits:
        getattr(Edits(), name)(repository, where, what)


def a_start():
    repository = Repository(files={"app/a.py": [], "app/b.py": []})
    play(repository, [("insert", n, n * 5) for n in range(6)])
    return repository


@pytest.fixture
def undone(acme):
    """A way to run many examples in one test, each in a transaction that is undone."""

    def run(example):
        with transaction.atomic():
            example()
            transaction.set_rollback(True)

    return run


def live():
    """Each open match on main: file, line, and the finding it is."""
    rows = Instance.objects.filter(ref__name="main", state__in=LIVE)
    return {
        (path, line): finding_id
        for path, line, finding_id in rows.values_list("file__path", "start_line", "finding_id")
    }


PLACE = ("state", "ref_id", "file_id", "start_line", "code_hash", "match_based_id")


def shown_by_findings():
    return sorted(Finding.objects.values_list("id", *PLACE))


def shown_by_instances():
    """The same from the instances; there is but one branch, the primary one."""
    return sorted(Instance.objects.values_list("finding_id", *PLACE))


def reported(report):
    return {(one["path"], one["line"]) for one in [*report["findings"], *report["ignores"]]}


@FAST
@given(history=HISTORY)
def test_open_instances_are_what_was_reported_last(undone, history):
    def example():
        repository = a_start()
        for edits in [[], *history]:
            play(repository, edits)
            report = repository.report()
            scan_of(report)
            assert set(live()) == reported(report)
            assert len(set(live().values())) == len(live())
            open_ids = Instance.objects.filter(ref__name="main", state__in=LIVE)
            doubles = open_ids.values("match_based_id").annotate(n=Count("id")).filter(n__gt=1)
            assert not doubles.exists()
            assert shown_by_findings() == shown_by_instances()

    undone(example)


@FAST
@given(history=HISTORY)
def test_what_was_not_touched_keeps_its_finding_and_its_triage(undone, history):
    def example():
        repository = a_start()
        scan_of(repository.report())
        actor, now = Actor.platform(), timezone.now()
        for edits in history:
            before = live()
            chosen = sorted(before.values())[::2]
            change = TriageChange(state="reviewing")
            triage_findings(finding_ids=chosen, change=change, actor=actor, now=now)
            kept = {path: list(matches) for path, matches in repository.files.items()}
            play(repository, edits)
            report = repository.report()

            scan_of(report)

            for path, matches in kept.items():
                if repository.files.get(path) == matches:
                    for index in range(len(matches)):
                        place = (path, index * GAP + 1)
                        assert live()[place] == before[place]
            assert set(
                Finding.objects.filter(id__in=chosen).values_list("triage_state", flat=True)
            ) <= {"reviewing"}

    undone(example)


@FAST
@given(history=HISTORY)
def test_the_same_report_again_changes_nothing(undone, history):
    def example():
        repository = a_start()
        for edits in history:
            play(repository, edits)
            scan_of(repository.report())
        before = [list(model.objects.order_by("id").values()) for model in (Finding, Instance)]

        scan_of(repository.report())

        after = [list(model.objects.order_by("id").values()) for model in (Finding, Instance)]
        assert after == before

    undone(example)


@FAST
@given(history=HISTORY, moved=st.lists(EDIT, max_size=6))
def test_counts_are_those_of_the_rows(undone, history, moved):
    def example():
        repository = a_start()
        for edits in [*history, moved]:
            play(repository, edits)
            scan_of(repository.report())
            Finding.objects.filter(id__in=sorted(live().values())[::3]).update(
                verdict="needs_review"
            )
        Finding.objects.filter(state=State.FIXED, verdict="").delete()
        key = ("project_id", "product", "status", "severity", "verdict")
        rows = Finding.objects.values_list(*key).annotate(n=Count("id")).order_by()
        kept = FindingCount.objects.exclude(count=0).values_list(*key, "count")
        assert sorted(kept) == sorted(rows)

    undone(example)


@FAST
@given(edits=st.lists(EDIT, max_size=8))
def test_a_diff_scan_closes_nothing_and_a_branch_shares_what_it_did_not_touch(undone, edits):
    def example():
        repository = a_start()
        scan_of(repository.report())
        on_main = live()
        play(repository, edits)

        scan_of({**repository.report(), "findings": []}, branch="pull", full=False)
        scan_of(repository.report(), branch="feature")

        assert live() == on_main
        assert not Activity.objects.exists()
        shared = dict(
            Instance.objects.filter(ref__name="feature").values_list("finding_id", "code_hash")
        )
        for finding in Finding.objects.filter(id__in=set(shared) & set(on_main.values())):
            assert shared[finding.id] == finding.code_hash

    undone(example)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_deleting_the_first_of_equal_matches_fixes_just_one(acme, count):
    repository = Repository(files={"app/a.py": []})
    repository.files["app/a.py"] = [Match("acme.eval", "call(1)", tag) for tag in range(count + 1)]
    scan_of(repository.report())
    del repository.files["app/a.py"][0]

    scan = scan_of(repository.report())

    assert (scan.fixed_count, scan.new_count) == (1, 0)
    assert Finding.objects.count() == count + 1
