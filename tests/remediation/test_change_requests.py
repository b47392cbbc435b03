"""Bringing a proven fix into the repository by a change request."""

import hashlib
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from findings.models import Activity, Conclusion
from integrations.codehosts import CodeHostBusyError, NoCodeHostError
from integrations.models import Connection
from integrations.registry import REVIEW_HOSTS
from integrations.review_hosts import (
    AccessLostError,
    RemoteChangeRequest,
    RemoteState,
    ReviewRefusedError,
)
from pipeline.jobs import MAX_ATTEMPTS, run_job
from pipeline.trades import FIXES
from remediation.announcements import fix_request_wanted
from remediation.change_requests import (
    CannotBringFixError,
    give_up_fix,
    note_fix_state,
    request_fix,
)
from remediation.models import FixRequest, FixStatus
from remediation.selectors import fix_requests_by_finding
from remediation.showing import NoFixError
from tenants.audit import Actor
from tenants.jobs import claim
from tenants.models import AuditEvent
from tenants.scope import organization_scope
from tests.factories import (
    ChangeRequestFactory,
    FindingFactory,
    FixAttemptFactory,
    FixRequestFactory,
    GuidanceFactory,
    OrganizationFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    RepositoryLinkFactory,
    ScanFactory,
    SourceFileFactory,
    UserFactory,
    VerdictFactory,
)
from tests.fakes import FakeReviewHost, Fault
from tests.integrations.repositories import make_repository

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
CODE = "import db\r\n\r\n\r\ndef find(name):\r\n    return db.run(f'SELECT {name}')\r\n"
FIXED = CODE.replace("f'SELECT {name}'", "'SELECT ?', [name]")
EDIT = {
    "search": "db.run(f'SELECT {name}')",
    "replace": "db.run('SELECT ?', [name])",
    "start_line": 5,
    "end_line": 5,
}


@pytest.fixture
def host(monkeypatch):
    """A code host with change requests, in front of repositories on this machine."""
    host = FakeReviewHost()
    monkeypatch.setitem(REVIEW_HOSTS, "local_git", host.of_link)
    return host


def a_proven_fix(folder, *, code=CODE, path="app/db.py", **facts):
    commit = make_repository(folder, {path: code})
    project = ProjectFactory()
    RepositoryLinkFactory(project=project, location=str(folder))
    finding = FindingFactory(
        project=project,
        file=SourceFileFactory(project=project, path=path),
        start_line=5,
        end_line=5,
        **facts,
    )
    VerdictFactory(finding=finding, conclusion=Conclusion.TRUE_POSITIVE)
    return FixAttemptFactory(
        finding=finding,
        guidance=GuidanceFactory(finding=finding),
        commit=commit,
        content_hash=hashlib.sha256(code.encode()).hexdigest(),
        edits=[EDIT],
        start_line=5,
        end_line=5,
        checks=[
            {"name": "applies", "ok": True, "detail": ""},
            {"name": "known packages", "ok": None, "detail": "No list."},
        ],
    )


@pytest.fixture
def folder(tmp_path, settings):
    settings.ALLOW_LOCAL_REPOSITORIES = True
    return tmp_path / "shop"


@pytest.fixture
def fix(acme, folder, host):
    return a_proven_fix(folder)


def ask(fix, person=None, now=NOW):
    actor = Actor.person(person) if person else Actor.platform()
    return request_fix(finding_id=fix.finding_id, fix_id=fix.id, actor=actor, now=now)


def work(row, now=NOW):
    """Open a change request as a worker does."""
    run_job(trade=FIXES, job_id=row.id, now=now)
    row.refresh_from_db()
    return row


def remote(row, state, *, at=LATER, **facts):
    facts = {
        "number": row.number or 1,
        "title": "t",
        "url": "https://code.example/acme/shop/pull/1",
        "author": "assay[bot]",
        "head_commit": "e" * 40,
        "head_ref": row.branch,
        "base_ref": "main",
        "is_from_fork": False,
        **facts,
    }
    return RemoteChangeRequest(state=RemoteState(state), updated_at=at, **facts)


def follow(row, state, **facts):
    note_fix_state(project=row.finding.project, remote=remote(row, state, **facts), now=LATER)
    row.refresh_from_db()
    return row.state


def titles():
    kinds = Activity.objects.filter(kind="FIX_REQUEST")
    return list(kinds.order_by("id").values_list("title", flat=True))


def test_a_member_asks_for_a_change_request(fix, mel, django_capture_on_commit_callbacks):
    heard = []

    def hear(fix_request_id, **_ids):
        heard.append(fix_request_id)

    fix_request_wanted.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):
        row = ask(fix, mel)

    assert (row.state, row.status, row.base_ref) == ("requested", "waiting", "main")
    assert row.branch == f"assay/fix-{fix.finding_id}-{fix.id}"
    assert (row.requested_by, row.requested_by_label, row.requested_at) == (mel, "Mel", NOW)
    assert heard == [row.id]
    told = Activity.objects.get(kind="FIX_REQUEST")
    assert (told.title, told.actor) == ("Asked for a change request with the fix", mel)
    event = AuditEvent.objects.get()
    assert (event.action, event.object_label) == (
        "fix_request.requested",
        f"finding {fix.finding_id}, fix {fix.id}",
    )


def test_a_second_click_returns_the_one_that_lives(fix, mel):
    first = ask(fix, mel)

    assert ask(fix, mel, now=LATER) == first
    work(first, now=LATER)
    assert ask(fix, mel, now=LATER) == first
    assert FixRequest.objects.count() == 1
    assert titles() == [
        "Asked for a change request with the fix",
        "Opened change request 1 with the fix",
    ]


def test_a_fix_that_is_not_shown_is_not_brought(fix):
    newer = FixAttemptFactory(finding=fix.finding)

    with pytest.raises(NoFixError):
        ask(fix)
    newer.status, newer.reason = FixStatus.REFUSED, "still_fires"
    newer.save()
    with pytest.raises(NoFixError):
        ask(newer)

    assert not FixRequest.objects.exists()


@pytest.mark.parametrize(
    ("facts", "label"),
    [
        ({"state": "fixed"}, "fixed"),
        ({"state": "removed"}, "removed"),
        ({"triage_state": "ignored"}, "ignored"),
        ({"triage_state": "provisionally_ignored"}, "provisionally ignored"),
    ],
)
def test_only_an_open_finding_is_fixed(acme, folder, host, facts, label):
    fix = a_proven_fix(folder, **facts)

    with pytest.raises(CannotBringFixError, match=f"it is {label}, so there is nothing"):
        ask(fix)

    assert not FixRequest.objects.exists()


def on_ref(fix, name, **facts):
    """Let the finding stand on a change request's ref."""
    ref = RefFactory(project=fix.finding.project, name=name)
    fix.finding.ref = ref
    fix.finding.save(update_fields=["ref"])
    ScanFactory(ref=ref, kind="diff", change_request="7")
    ChangeRequestFactory(project=ref.project, number=7, **facts)


def test_a_finding_of_another_branch_is_fixed_there(fix):
    on_ref(fix, "feature")

    assert ask(fix).base_ref == "feature"


def test_a_finding_of_a_pull_request_is_fixed_on_the_branch_it_comes_from(fix):
    on_ref(fix, "refs/pull/7/merge", head_ref="search")

    assert ask(fix).base_ref == "search"


@pytest.mark.parametrize(
    ("name", "facts", "words"),
    [
        ("refs/pull/7/merge", {"is_from_fork": True}, "no branch of this repository"),
        ("feature", {"is_from_fork": True}, "no branch of this repository"),
        ("refs/pull/7/merge", {"head_ref": ""}, "no branch of this repository"),
        ("HEAD", {"head_ref": ""}, "no branch of this repository"),
        ("refs/pull/7/merge", {"state": "closed"}, "its change request is closed"),
    ],
)
def test_without_a_branch_of_ours_there_is_nothing_to_merge_to(fix, name, facts, words):
    on_ref(fix, name, **facts)

    with pytest.raises(CannotBringFixError, match=words):
        ask(fix)


def test_a_project_without_change_requests_gets_none(acme, folder):
    fix = a_proven_fix(folder)

    with pytest.raises(NoCodeHostError, match="has no change requests"):
        ask(fix)

    assert not FixRequest.objects.exists()


def test_the_change_request_holds_the_proven_bytes_and_how_they_were_proven(fix, host, settings):
    row = work(ask(fix))

    number, proposal = host.proposals[row.branch]
    assert (row.state, row.status, row.number, row.opened_at) == ("opened", "done", number, NOW)
    assert row.url == "https://code.example/acme/shop/pull/1"
    assert (proposal.path, proposal.base_ref) == ("app/db.py", "main")
    assert proposal.content == FIXED.encode()
    assert proposal.expected_hash == hashlib.sha256(CODE.encode()).hexdigest()
    url = f"{settings.PUBLIC_URL}/orgs/acme/findings/{fix.finding_id}"
    rule = fix.finding.rule.check_id
    title = f"Proposed change: {rule.rpartition('.')[2].replace('-', ' ')} in db.py"
    assert proposal.title == title
    name = settings.PRODUCT_NAME
    assert proposal.message == f"{title}\n\nProposed and proven by {name}.\n{url}"
    assert proposal.body == "\n\n".join(
        [
            (
                f"{name} proposes this change, and has proven it as told below."
                " Review it as you would any other."
            ),
            "### What it fixes",
            (
                f"- Rule: `{rule}` (high)\n- Place: `app/db.py:5`\n"
                f"- [The finding, with all that is known of it]({url})"
            ),
            "`User input reaches an SQL statement.`",
            "### What it does",
            "`Bind the value as a parameter.`",
            "### How it was proven",
            "- applies: passed\n- known packages: could not run",
            "The edit was written by AI. Confidence: high.",
        ]
    )


def test_texts_of_others_neither_notify_nor_refer_nor_command(acme, folder, host):
    rule = ReportedRuleFactory(
        check_id="gh-12.`@ada`",
        metadata={"title": "Fixes #1 @ada SHOP-12 gh-12 <!-- x -->\n/close"},
    )
    fix = a_proven_fix(
        folder,
        rule=rule,
        path="app/#1 @ada.py",
        message="`@ada` fixes #1\n/close\n<!-- assay:finding-1 --> \u202e" + "w" * 2000,
    )

    row = work(ask(fix))

    _number, proposal = host.proposals[row.branch]
    assert proposal.title == (
        "Proposed change: fixes 1 ada shop-12 gh 12 -- x -- /close in 1 ada.py"
    )
    assert "- Rule: `` gh-12.`@ada` `` (high)" in proposal.body
    assert "- Place: `app/#1 @ada.py:5`" in proposal.body
    assert "\n/" not in proposal.body
    assert "<!--" not in proposal.body
    assert "\u202e" not in proposal.body
    assert "``` " not in proposal.body
    assert len(proposal.body) < 2000


def test_a_files_name_closes_no_issue_when_the_change_is_merged(acme, folder, host):
    fix = a_proven_fix(folder, path="app/fixes GH-12 closes SHOP-7 Gh-3.py")

    row = work(ask(fix))

    _number, proposal = host.proposals[row.branch]
    assert proposal.title.endswith("in fixes GH 12 closes SHOP 7 Gh 3.py")
    assert "GH-12" not in proposal.message
    assert "SHOP-7" not in proposal.message


def test_a_secret_at_the_end_of_a_long_message_is_not_told_in_part(acme, folder, host):
    secret = "ghp_" + "a1B2c3D4e5" * 3 + "F6g7h8"
    fix = a_proven_fix(folder, message="w" * 580 + " " + secret)

    row = work(ask(fix))

    _number, proposal = host.proposals[row.branch]
    assert "a1B2c3D4e5" not in proposal.body


def test_code_that_is_another_than_was_proven_is_refused(fix, host):
    fix.content_hash = "f" * 64
    fix.save()

    row = work(ask(fix))

    assert (row.state, row.status, row.ended_at) == ("failed", "failed", NOW)
    assert row.error == (
        "The repository has other code at this commit than was proven; analyze the finding again."
    )
    assert host.proposals == {}
    assert titles()[-1] == "The change request with the fix could not be opened"
    assert Activity.objects.order_by("-id").first().note == row.error


def test_a_file_that_text_does_not_give_back_is_left_alone(acme, folder, host):
    fix = a_proven_fix(folder, code="\ufeff" + CODE)

    row = work(ask(fix))

    assert row.error == (
        "code: the file is not plain UTF-8, so it cannot be written back as it was; download the"
        " patch instead."
    )
    assert host.proposals == {}


def test_a_fix_that_was_replaced_meanwhile_is_not_brought(fix, host):
    row = ask(fix)
    FixAttemptFactory(finding=fix.finding)

    work(row)

    assert row.state == "failed"
    assert "a newer one has replaced it" in row.error
    assert host.proposals == {}


def test_what_the_code_host_refuses_is_told(fix, host):
    host.fail(1, Fault.BEFORE, ReviewRefusedError("path: app/db.py has changed on main."))

    row = work(ask(fix))

    assert (row.state, row.error) == ("failed", "path: app/db.py has changed on main.")
    assert Connection.objects.get().state == "unchecked"


def test_lost_access_is_noted_on_the_connection(fix, host):
    host.broken = AccessLostError("token: it was revoked; enter a new one.")

    row = work(ask(fix))

    assert row.error == "token: it was revoked; enter a new one."
    assert Connection.objects.get().state == "broken"


@pytest.mark.parametrize("fault", [Fault.BEFORE, Fault.AFTER, Fault.TWICE])
def test_a_busy_code_host_is_asked_again_and_ends_with_one_change_request(fix, host, fault):
    row = ask(fix)
    host.fail(1, fault)

    work(row)
    work(row, now=NOW + timedelta(hours=1))

    assert row.state == "opened"
    assert len(host.change_requests) == 1
    assert titles().count("Opened change request 1 with the fix") == 1


def test_giving_up_says_why_and_allows_another_try_on_the_same_branch(fix, host):
    row = ask(fix)
    host.broken = CodeHostBusyError("The code host does not answer.")

    for hours in range(MAX_ATTEMPTS):
        work(row, now=NOW + timedelta(hours=hours))

    assert (row.state, row.status, row.error) == (
        "failed",
        "failed",
        "The code host does not answer.",
    )
    assert titles().count("The change request with the fix could not be opened") == 1
    again = ask(fix, now=LATER)
    assert again != row
    assert again.branch == row.branch


def test_a_worker_that_lost_its_claim_gives_nothing_up(fix):
    row = ask(fix)
    slow = claim(FixRequest, job_id=row.id, now=NOW)
    claim(FixRequest, job_id=row.id, now=NOW + timedelta(days=1))

    give_up_fix(request=slow, reason="Too late.", now=LATER)

    row.refresh_from_db()
    assert (row.state, row.status, row.error) == ("requested", "running", "")


def test_after_it_was_closed_another_can_be_opened_on_a_branch_of_its_own(fix, host):
    row = work(ask(fix))

    assert follow(row, "closed") == "closed"
    again = ask(fix, now=LATER)

    assert row.ended_at == LATER
    assert again.branch == f"{row.branch}-2"


def test_a_merge_is_followed_and_final(fix):
    row = work(ask(fix))

    assert follow(row, "merged") == "merged"
    assert follow(row, "closed", at=LATER + timedelta(minutes=1)) == "merged"
    assert titles()[-1] == "Merged change request 1 with the fix"


def test_events_out_of_order_and_twice_change_nothing(fix):
    row = work(ask(fix))
    follow(row, "closed")
    before = titles()

    assert follow(row, "open", at=NOW) == "closed"
    assert follow(row, "closed") == "closed"
    assert titles() == before


def test_one_that_is_opened_again_is_followed_unless_a_newer_one_lives(fix):
    row = work(ask(fix))
    follow(row, "closed")
    later = LATER + timedelta(minutes=1)

    assert follow(row, "open", at=later) == "opened"
    follow(row, "closed", at=later)
    ask(fix, now=LATER)
    assert follow(row, "open", at=later + timedelta(minutes=1)) == "closed"


def test_the_event_may_come_before_our_own_note(fix, host):
    row = ask(fix)

    assert follow(row, "open", number=9) == "opened"
    work(row)

    assert (row.state, row.status, row.number) == ("opened", "done", 9)
    assert host.calls == []


def test_a_branch_of_that_name_in_a_fork_or_another_project_is_not_ours(fix):
    row = ask(fix)

    assert follow(row, "merged", is_from_fork=True) == "requested"
    note_fix_state(project=ProjectFactory(), remote=remote(row, "merged"), now=LATER)
    row.refresh_from_db()
    assert row.state == "requested"


def test_a_change_request_of_others_is_passed_over(fix):
    row = work(ask(fix))

    assert follow(row, "merged", number=8, head_ref="feature") == "opened"


def test_an_address_that_is_none_becomes_no_link(fix):
    row = ask(fix)

    follow(row, "open", url="javascript:alert(1)")

    assert row.url == ""


def test_the_requests_of_findings_are_read_in_one_query(acme, django_assert_num_queries):
    first = FixRequestFactory(state="failed")
    second = FixRequestFactory(fix=first.fix)
    other = FixRequestFactory()

    with django_assert_num_queries(1):
        found = fix_requests_by_finding([first.finding_id, other.finding_id, 0])

    assert found == {first.finding_id: [second, first], other.finding_id: [other]}


@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_once_ask_once(folder, host):
    organization = OrganizationFactory(slug="acme")
    with organization_scope(organization.id):
        fix, mel = a_proven_fix(folder), UserFactory()
        together, got = threading.Barrier(4), []

        def click():
            together.wait()
            try:
                with organization_scope(organization.id):
                    got.append(ask(fix, mel).id)
            finally:
                connection.close()

        threads = [threading.Thread(target=click) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert got == [FixRequest.objects.get().id] * 4
        assert titles() == ["Asked for a change request with the fix"]
