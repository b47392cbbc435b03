"""Reading files of commits at GitHub, and every way to be misled."""

import hashlib

import pytest

from integrations.call_budgets import note_limits
from integrations.code_files import FILE_LIMIT_BYTES, CodeAccessLostError
from integrations.codehosts import (
    BinaryFileError,
    CodeHostBusyError,
    CommitGoneError,
    FileGoneError,
    FileTooLargeError,
    NoCodeHostError,
    UnsafePathError,
)
from integrations.github.codehost import GitHubCodeHost
from integrations.review_hosts import AccessLostError
from integrations.selectors import code_host_for, code_hosts_for
from tests.integrations.github.stage import FILES, NAME
from tests.integrations.repositories import commit_files, git


@pytest.fixture(params=["app", "token"])
def link(request, stage):
    return stage.by_app() if request.param == "app" else stage.by_token()


@pytest.fixture
def host(link):
    return GitHubCodeHost.of_link(link)


@pytest.fixture
def folder(stage, tmp_path):
    return tmp_path / "shop"


def read(host, stage, path="app/views.py", commit=None):
    return host.read_file(path=path, commit=commit or stage.first)


def test_a_file_is_read_as_it_was_at_the_commit(stage, host, folder):
    commit_files(folder, {"app/views.py": "new\n"})

    file = read(host, stage)

    assert file.text == FILES["app/views.py"]
    assert file.content_hash == hashlib.sha256(FILES["app/views.py"].encode()).hexdigest()
    assert (file.path, file.commit, file.is_damaged) == ("app/views.py", stage.first, False)


def test_the_registry_leads_here(link):
    assert isinstance(code_host_for(link.project), GitHubCodeHost)
    assert isinstance(code_hosts_for([link.project_id])[link.project_id], GitHubCodeHost)


def test_a_file_is_asked_for_once(stage, github, host, link):
    read(host, stage)
    asked = len(github.requests)

    read(host, stage)
    read(GitHubCodeHost.of_link(link), stage)

    assert len(github.requests) == asked


def test_a_second_file_of_a_folder_costs_one_call(stage, github, host, folder):
    commit = commit_files(folder, {"app/a.py": "a\n", "app/b.py": "b\n"})
    read(host, stage, "app/a.py", commit)
    asked = len(github.requests)

    assert read(host, stage, "app/b.py", commit).text == "b\n"
    assert len(github.requests) == asked + 1


def test_a_short_commit_is_enough(stage, host):
    assert read(host, stage, commit=stage.first[:8]).text == FILES["app/views.py"]


def test_a_branch_named_like_a_commit_is_none(stage, host, folder):
    git(folder, "branch", "abcdef1")

    with pytest.raises(CommitGoneError):
        read(host, stage, commit="abcdef1")


def test_a_line_has_an_address_for_people(stage, github, host):
    address = host.line_url(path="app/views.py", commit=stage.first, line=7)

    assert address == f"{github.url}/{NAME}/blob/{stage.first}/app/views.py?plain=1#L7"


@pytest.mark.parametrize("commit", ["a" * 40, "abcdef1"])
def test_an_unknown_commit_is_told_as_such(stage, host, commit):
    with pytest.raises(CommitGoneError, match="not in the repository at GitHub"):
        read(host, stage, commit=commit)


def test_an_unknown_file_is_told_as_such(stage, host):
    with pytest.raises(FileGoneError, match=r"there is no app/none\.py"):
        read(host, stage, "app/none.py")


@pytest.mark.parametrize("commit", ["a" * 40, None])
def test_a_repository_out_of_reach_is_told_as_such(stage, github, host, commit):
    github.forget(NAME)

    with pytest.raises(NoCodeHostError, match="Share the repository"):
        read(host, stage, commit=commit)


@pytest.mark.parametrize(
    ("path", "commit"),
    [
        ("../secret.py", "a" * 40),
        ("app/../../x", "a" * 40),
        ("/etc/passwd", "a" * 40),
        ("app\\views.py", "a" * 40),
        ("app/\nviews.py", "a" * 40),
        (".git/config", "a" * 40),
        ("", "a" * 40),
        ("app/views.py", "main"),
        ("app/views.py", "A" * 40),
        ("app/views.py", "a" * 40 + "?x=1"),
    ],
)
def test_unsafe_names_are_refused_without_a_call(github, host, path, commit):
    with pytest.raises(UnsafePathError):
        host.read_file(path=path, commit=commit)

    assert github.requests == []


def test_a_folder_is_no_file(stage, host):
    with pytest.raises(UnsafePathError):
        read(host, stage, "app")


def test_a_link_is_not_followed(stage, host, folder):
    (folder / "app/link.py").symlink_to("views.py")
    (folder / "outside.py").symlink_to("/etc/passwd")
    commit = commit_files(folder, {})

    for path in ("app/link.py", "outside.py"):
        with pytest.raises(UnsafePathError, match="link"):
            read(host, stage, path, commit)


def test_a_submodule_is_no_file(stage, host, folder):
    entry = f"160000,{'a' * 40},vendored"
    git(folder, "update-index", "--add", "--cacheinfo", entry)
    git(folder, "commit", "--quiet", "--message", "Vendor")

    with pytest.raises(UnsafePathError):
        read(host, stage, "vendored", git(folder, "rev-parse", "HEAD"))


def test_a_file_of_just_the_limit_is_read_and_a_larger_one_refused(stage, host, folder):
    commit = commit_files(
        folder, {"just.py": "x" * FILE_LIMIT_BYTES, "large.py": "x" * (FILE_LIMIT_BYTES + 1)}
    )

    assert len(read(host, stage, "just.py", commit).text) == FILE_LIMIT_BYTES
    with pytest.raises(FileTooLargeError, match="1,000,001 bytes"):
        read(host, stage, "large.py", commit)


def test_a_huge_file_is_refused_as_well(stage, host, folder):
    commit = commit_files(folder, {"huge.py": "x" * 2_000_000})

    with pytest.raises(FileTooLargeError, match="2,000,000 bytes"):
        read(host, stage, "huge.py", commit)


def test_bytes_become_text_as_from_a_folder(stage, host, folder):
    commit = commit_files(
        folder,
        {"logo.png": b"\x89PNG\0\0", "latin.py": "# für\n".encode("latin-1"), "empty.py": ""},
    )

    with pytest.raises(BinaryFileError):
        read(host, stage, "logo.png", commit)
    assert read(host, stage, "latin.py", commit).is_damaged
    assert read(host, stage, "empty.py", commit).text == ""


def test_a_name_with_blanks_and_signs_is_read(stage, host, folder):
    path = "docs/für alle/100%?#1.md"
    commit = commit_files(folder, {path: "hello\n"})

    assert read(host, stage, path, commit).text == "hello\n"


def test_a_lost_sign_in_is_both_no_code_and_lost_access(stage, github):
    host = GitHubCodeHost.of_link(stage.by_token())
    github.revoke(stage.token)

    with pytest.raises(CodeAccessLostError) as refusal:
        read(host, stage)

    assert isinstance(refusal.value, NoCodeHostError)
    assert isinstance(refusal.value, AccessLostError)


def test_a_missing_permission_is_named(stage):
    host = GitHubCodeHost.of_link(stage.by_app(contents=None))

    with pytest.raises(CodeAccessLostError, match="Contents: read"):
        read(host, stage)


def test_a_slow_or_failing_host_is_another_try(stage, github, host):
    github.fail(503, path="/contents")

    with pytest.raises(CodeHostBusyError):
        read(host, stage)

    assert read(host, stage).text == FILES["app/views.py"]


def test_reading_leaves_calls_for_comments(stage, github, host, link):
    in_an_hour = github.now().replace(year=2036)
    note_limits(link.connection_id, remaining=200, reset_at=in_an_hour)

    with pytest.raises(CodeHostBusyError):
        read(host, stage)

    assert github.asked("GET", "/contents") == []
