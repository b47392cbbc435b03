"""Opening a pull request with a fix: once, on our own branch, and only on the bytes it is for."""

import hashlib

import pytest

from integrations.codehosts import CodeHostBusyError
from integrations.github.review_host import GitHubReviewHost
from integrations.review_hosts import (
    AccessLostError,
    GoneError,
    Proposal,
    RemoteState,
    ReviewRefusedError,
)
from tests.integrations.github.stage import FILES, NAME
from tests.integrations.repositories import git

PATH = "app/views.py"
BEFORE = FILES[PATH].encode()
AFTER = BEFORE.replace(b"line 3\n", b"safe\n")
BRANCH = "assay/fix-1"


@pytest.fixture(params=["app", "token"])
def host(request, stage):
    return GitHubReviewHost.of_link(stage.by_app() if request.param == "app" else stage.by_token())


def proposal(**fields):
    facts = {
        "branch": BRANCH,
        "base_ref": "main",
        "path": PATH,
        "expected_hash": hashlib.sha256(BEFORE).hexdigest(),
        "content": AFTER,
        "message": "Bind the parameter.\n",
        "title": "Bind the parameter",
        "body": "Proven.",
    }
    return Proposal(**{**facts, **fields})


def content(github, branch, path=PATH):
    repository = github.repositories[NAME].git
    return repository.read(branch, path)


def test_branch_commit_and_pull_request_are_made(github, stage, host):
    opened = host.open_change_request(proposal=proposal())

    (pull,) = github.pulls(NAME)
    assert (opened.number, opened.state, opened.head_ref) == (1, RemoteState.OPEN, BRANCH)
    assert (pull.title, pull.body, pull.base) == ("Bind the parameter", "Proven.", "main")
    assert content(github, BRANCH) == AFTER
    assert github.repositories[NAME].git.commit(pull.head_sha).parents == [stage.first]
    assert content(github, "main") == BEFORE


def test_the_mode_of_the_file_is_kept(github, stage, host, tmp_path):
    git(tmp_path / "shop", "update-index", "--chmod=+x", PATH)
    git(tmp_path / "shop", "commit", "--quiet", "--message", "Run it")

    host.open_change_request(proposal=proposal())

    (request,) = github.asked("POST", "/git/trees")
    assert [entry["mode"] for entry in request.body["tree"]] == ["100755"]


def test_another_try_finds_what_the_first_made(github, host):
    first = host.open_change_request(proposal=proposal())

    assert host.open_change_request(proposal=proposal()).number == first.number
    assert len(github.pulls(NAME)) == 1
    assert len(github.asked("POST", "/git/refs")) == 1


@pytest.mark.parametrize("dies_at", ["/git/blobs", "/git/commits", "/git/refs", "/pulls"])
def test_a_try_that_died_anywhere_is_taken_up(github, host, dies_at):
    github.fail(502, method="POST", path=dies_at)
    with pytest.raises(CodeHostBusyError):
        host.open_change_request(proposal=proposal())

    host.open_change_request(proposal=proposal())

    assert len(github.pulls(NAME)) == 1
    assert content(github, BRANCH) == AFTER


def test_a_base_that_moved_on_elsewhere_is_no_hindrance(github, host):
    github.push(NAME, "main", {"other.py": "x\n"})

    host.open_change_request(proposal=proposal())

    assert content(github, BRANCH, "other.py") == b"x\n"


def test_other_bytes_at_the_base_refuse_it(github, host):
    github.push(NAME, "main", {PATH: "changed\n"})

    with pytest.raises(ReviewRefusedError, match="has changed on main"):
        host.open_change_request(proposal=proposal())

    assert github.repositories[NAME].git.branches() == ["main"]
    assert github.pulls(NAME) == []


def test_a_file_that_is_gone_refuses_it(github, host):
    github.push(NAME, "main", {PATH: None})

    with pytest.raises(ReviewRefusedError, match="is no file on main"):
        host.open_change_request(proposal=proposal())


def test_a_link_in_its_place_refuses_it(github, host, tmp_path):
    (tmp_path / "shop" / PATH).unlink()
    (tmp_path / "shop" / PATH).symlink_to("other.py")
    git(tmp_path / "shop", "add", "--all")
    git(tmp_path / "shop", "commit", "--quiet", "--message", "Link")

    with pytest.raises(ReviewRefusedError, match="is no file on main"):
        host.open_change_request(proposal=proposal())


def test_a_branch_of_somebody_else_is_left_alone(github, host):
    github.push(NAME, BRANCH, {PATH: "theirs\n"})
    theirs = github.repositories[NAME].git.branch(BRANCH)

    with pytest.raises(ReviewRefusedError, match="holds something else"):
        host.open_change_request(proposal=proposal())

    assert github.repositories[NAME].git.branch(BRANCH) == theirs
    assert github.pulls(NAME) == []


def test_work_that_people_put_on_our_branch_is_left_alone(github, host):
    host.open_change_request(proposal=proposal())
    github.push(NAME, BRANCH, {"more.py": "x\n"})
    theirs = github.repositories[NAME].git.branch(BRANCH)

    with pytest.raises(ReviewRefusedError, match="holds something else"):
        host.open_change_request(proposal=proposal())

    assert github.repositories[NAME].git.branch(BRANCH) == theirs


def test_a_base_that_is_gone_is_told(host):
    with pytest.raises(GoneError):
        host.open_change_request(proposal=proposal(base_ref="no-such-branch"))


def test_a_missing_permission_is_named(github, stage):
    host = GitHubReviewHost.of_link(stage.by_app(contents="read"))

    with pytest.raises(AccessLostError, match="Contents: read and write"):
        host.open_change_request(proposal=proposal())

    assert github.repositories[NAME].git.branches() == ["main"]
