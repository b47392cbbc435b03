"""Merge requests of ours, made once and over nobody's work."""

import hashlib
from dataclasses import replace

import pytest

from integrations.codehosts import CodeHostBusyError
from integrations.review_hosts import GoneError, Proposal, RemoteState, ReviewRefusedError
from tests.integrations.gitlab.shop import BOT, NAME, VIEWS

FIXED = VIEWS.replace("line 7\n", "line 7, mended\n").encode()
PROPOSAL = Proposal(
    branch="assay/fix-12",
    base_ref="main",
    path="app/views.py",
    expected_hash=hashlib.sha256(VIEWS.encode()).hexdigest(),
    content=FIXED,
    message="Bind the value\n\nProven by Assay.",
    title="Bind the value",
    body="What was proven.",
)


def test_branch_commit_and_merge_request_are_made(gitlab, host):
    opened = host.open_change_request(proposal=PROPOSAL)

    git = gitlab.repositories[NAME].git
    assert (opened.number, opened.state) == (1, RemoteState.OPEN)
    assert (opened.head_ref, opened.base_ref) == ("assay/fix-12", "main")
    assert opened.author == BOT
    assert opened.head_commit == git.branch("assay/fix-12")
    assert git.read("assay/fix-12", "app/views.py") == FIXED
    assert git.commit(opened.head_commit).parents == [git.branch("main")]
    assert git.commit(opened.head_commit).message == PROPOSAL.message
    made = gitlab.merge_request(NAME, 1)
    assert (made.title, made.description) == ("Bind the value", "What was proven.")


def test_bytes_that_are_no_text_are_kept(gitlab, host):
    content = b"\xff\xfe\r\n" + FIXED

    host.open_change_request(proposal=replace(PROPOSAL, content=content))

    assert gitlab.repositories[NAME].git.read("assay/fix-12", "app/views.py") == content


def test_asking_again_gives_the_same_merge_request(gitlab, host):
    first = host.open_change_request(proposal=PROPOSAL)
    gitlab.push(NAME, "main", {"app/views.py": "other\n"})

    assert host.open_change_request(proposal=PROPOSAL).number == first.number
    assert len(gitlab.merge_requests(NAME)) == 1


def test_a_branch_of_an_earlier_try_is_used(gitlab, host):
    gitlab.fail(500, method="POST", path="/merge_requests")
    with pytest.raises(CodeHostBusyError):
        host.open_change_request(proposal=PROPOSAL)
    head = gitlab.repositories[NAME].git.branch("assay/fix-12")

    opened = host.open_change_request(proposal=PROPOSAL)

    assert opened.head_commit == head
    assert len(gitlab.asked("POST", "/repository/commits")) == 1


def test_a_merge_request_that_people_closed_is_not_made_again(gitlab, host):
    host.open_change_request(proposal=PROPOSAL)
    gitlab.close(NAME, 1)

    assert host.open_change_request(proposal=PROPOSAL).state == RemoteState.CLOSED
    assert len(gitlab.merge_requests(NAME)) == 1


def test_other_bytes_at_the_base_are_refused(gitlab, host):
    gitlab.push(NAME, "main", {"app/views.py": f"{VIEWS}more\n"})

    with pytest.raises(ReviewRefusedError, match="has changed on main"):
        host.open_change_request(proposal=PROPOSAL)

    assert "assay/fix-12" not in gitlab.repositories[NAME].git.branches()


def test_a_file_that_is_gone_from_the_base_is_refused(gitlab, host):
    gitlab.push(NAME, "main", {"app/views.py": None})

    with pytest.raises(ReviewRefusedError, match="has changed on main"):
        host.open_change_request(proposal=PROPOSAL)


def test_a_base_that_is_gone_is_said_so(host):
    with pytest.raises(GoneError, match="The branch release"):
        host.open_change_request(proposal=replace(PROPOSAL, base_ref="release"))


def test_a_branch_of_somebody_else_is_left_alone(gitlab, host):
    gitlab.push(NAME, "assay/fix-12", {"app/views.py": "mine\n"})
    head = gitlab.repositories[NAME].git.branch("assay/fix-12")

    with pytest.raises(ReviewRefusedError, match="holds something else"):
        host.open_change_request(proposal=PROPOSAL)

    assert gitlab.repositories[NAME].git.branch("assay/fix-12") == head
    assert gitlab.merge_requests(NAME) == []


def test_a_branch_with_our_message_and_other_bytes_is_left_alone(gitlab, host):
    gitlab.push(NAME, "assay/fix-12", {"app/views.py": "mine\n"}, message=PROPOSAL.message)

    with pytest.raises(ReviewRefusedError, match="holds something else"):
        host.open_change_request(proposal=PROPOSAL)


def test_a_merge_request_of_somebody_else_is_left_alone(gitlab, host):
    gitlab.push(NAME, "assay/fix-12", {"app/views.py": FIXED}, message=PROPOSAL.message)
    gitlab.open_merge_request(NAME, "assay/fix-12", author="mel")

    with pytest.raises(ReviewRefusedError, match="holds something else"):
        host.open_change_request(proposal=PROPOSAL)


def test_a_merge_request_from_a_fork_with_the_same_branch_is_not_ours(gitlab, host, tmp_path):
    gitlab.add_repository("eve/shop", tmp_path / "shop")
    gitlab.push(NAME, "assay/fix-12", {"app/views.py": FIXED}, message=PROPOSAL.message)
    gitlab.open_merge_request(NAME, "assay/fix-12", author=BOT, fork="eve/shop")
    gitlab.close(NAME, 1)

    assert host.open_change_request(proposal=PROPOSAL).number == 2


def test_a_reporter_may_not_open_one(gitlab, host):
    gitlab.add_member(NAME, BOT, "reporter")

    with pytest.raises(ReviewRefusedError, match="role Developer"):
        host.open_change_request(proposal=PROPOSAL)


def test_a_description_that_gitlab_would_obey_is_not_sent(gitlab, host):
    with pytest.raises(ReviewRefusedError, match="slash"):
        host.open_change_request(proposal=replace(PROPOSAL, body="/merge\n"))

    assert gitlab.requests == []
