"""Files of commits at GitLab."""

import hashlib

import pytest

from integrations.call_budgets import RESERVE_FOR_PEOPLE, note_limits
from integrations.codehosts import (
    BinaryFileError,
    CodeHostBusyError,
    CommitGoneError,
    FileGoneError,
    FileTooLargeError,
    NoCodeHostError,
    UnsafePathError,
)
from integrations.review_hosts import AccessLostError
from tests.integrations.gitlab.shop import NAME, VIEWS


@pytest.fixture
def head(gitlab):
    return gitlab.repositories[NAME].git.branch("main")


def test_a_file_is_read_as_it_is_at_the_commit(gitlab, code, head):
    gitlab.push(NAME, "main", {"app/views.py": "new\n"})

    file = code.read_file(path="app/views.py", commit=head)

    assert file.text == VIEWS
    assert (file.path, file.commit, file.is_damaged) == ("app/views.py", head, False)
    assert file.content_hash == hashlib.sha256(VIEWS.encode()).hexdigest()


def test_the_same_file_is_asked_for_once(gitlab, code, head):
    code.read_file(path="app/views.py", commit=head)
    code.read_file(path="app/views.py", commit=head)

    assert len(gitlab.asked("GET", "/repository/files/")) == 1


def test_a_name_with_all_kinds_of_signs_is_one_name(gitlab, code):
    path = "a b/ä#%?&+.py"
    gitlab.push(NAME, "main", {path: "x = 1\n"})
    commit = gitlab.repositories[NAME].git.branch("main")

    assert code.read_file(path=path, commit=commit).text == "x = 1\n"


def test_the_beginning_of_a_commit_is_enough(code, head):
    assert code.read_file(path="README.md", commit=head[:10]).text == "Shop\n"


def test_a_branch_named_like_a_commit_is_not_mistaken_for_one(gitlab, code):
    git = gitlab.repositories[NAME].git
    git.move_branch("deadbee", git.branch("main"))

    with pytest.raises(CommitGoneError):
        code.read_file(path="README.md", commit="deadbee")


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "a//b", "a\\b", "", "a\nb"])
def test_a_path_that_leads_elsewhere_is_not_asked_for(gitlab, code, head, path):
    with pytest.raises(UnsafePathError):
        code.read_file(path=path, commit=head)

    assert gitlab.requests == []


@pytest.mark.parametrize("commit", ["main", "HEAD", "A" * 40, "abc", "a" * 65, "--all"])
def test_what_is_no_commit_is_not_asked_for(gitlab, code, commit):
    with pytest.raises(UnsafePathError):
        code.read_file(path="README.md", commit=commit)

    assert gitlab.requests == []


def test_a_missing_commit_and_a_missing_file_are_told_apart(code, head):
    with pytest.raises(CommitGoneError, match="push it"):
        code.read_file(path="README.md", commit="d" * 40)
    with pytest.raises(FileGoneError, match=r"there is no gone\.py"):
        code.read_file(path="gone.py", commit=head)
    with pytest.raises(FileGoneError):
        code.read_file(path="app", commit=head)


def test_a_project_out_of_reach_is_told_from_a_missing_file(gitlab, code, head):
    gitlab.forget(NAME)

    with pytest.raises(NoCodeHostError, match=r"acme/web/shop: .* bot access"):
        code.read_file(path="README.md", commit=head)


def test_a_revoked_token_is_both_kinds_of_refusal(gitlab, code, head, token):
    gitlab.revoke(token)

    with pytest.raises(AccessLostError, match="revoked") as refused:
        code.read_file(path="README.md", commit=head)

    assert isinstance(refused.value, NoCodeHostError)


def test_a_token_without_the_scope_says_which_it_needs(gitlab, code, head, token):
    gitlab.tokens[token].scopes = ["read_user"]

    with pytest.raises(AccessLostError, match="scope api"):
        code.read_file(path="README.md", commit=head)


def test_a_guest_may_not_read_code(gitlab, code, head, token):
    gitlab.add_member(NAME, gitlab.tokens[token].username, "guest")

    with pytest.raises(NoCodeHostError, match="role Developer") as refused:
        code.read_file(path="README.md", commit=head)

    assert not isinstance(refused.value, AccessLostError)


def test_a_symbolic_link_is_refused(gitlab, code, tmp_path):
    (tmp_path / "shop" / "link.py").symlink_to("/etc/passwd")
    git = gitlab.repositories[NAME].git
    git.run("add", "link.py")
    git.run("commit", "--quiet", "--message", "Link")

    with pytest.raises(UnsafePathError, match="is a link"):
        code.read_file(path="link.py", commit=git.branch("main"))


def test_a_file_of_one_line_without_end_is_no_link(gitlab, code):
    gitlab.push(NAME, "main", {"app/one.py": "app/views.py"})
    commit = gitlab.repositories[NAME].git.branch("main")

    assert code.read_file(path="app/one.py", commit=commit).text == "app/views.py"


def test_a_binary_file_is_refused(gitlab, code):
    gitlab.push(NAME, "main", {"logo.png": b"\x89PNG\r\n\x00\x00"})

    with pytest.raises(BinaryFileError):
        code.read_file(path="logo.png", commit=gitlab.repositories[NAME].git.branch("main"))


def test_a_large_file_is_refused(gitlab, code):
    gitlab.push(NAME, "main", {"big.py": b"#" * 1_000_001, "huge.py": b"#" * 20_000_000})
    commit = gitlab.repositories[NAME].git.branch("main")

    with pytest.raises(FileTooLargeError, match="1,000,001 bytes"):
        code.read_file(path="big.py", commit=commit)
    with pytest.raises(FileTooLargeError):
        code.read_file(path="huge.py", commit=commit)


def test_bytes_that_are_not_utf_8_are_replaced_and_said(gitlab, code):
    gitlab.push(NAME, "main", {"latin.py": "name = 'Zoë'\n".encode("latin-1")})

    file = code.read_file(path="latin.py", commit=gitlab.repositories[NAME].git.branch("main"))

    assert file.is_damaged


def test_an_error_is_not_kept(gitlab, code, head):
    gitlab.fail(502)

    with pytest.raises(CodeHostBusyError):
        code.read_file(path="README.md", commit=head)

    assert code.read_file(path="README.md", commit=head).text == "Shop\n"


def test_reading_leaves_calls_for_comments(gitlab, code, host, head, merge_request):
    gitlab.limit_rate(remaining=RESERVE_FOR_PEOPLE, resets_at=4_000_000_000)
    host.read_change_request(number=1)

    with pytest.raises(CodeHostBusyError, match="no more calls"):
        code.read_file(path="README.md", commit=head)

    assert gitlab.asked("GET", "/repository/files/") == []
    assert host.read_change_request(number=1).number == 1


def test_a_pause_that_was_asked_for_is_kept_without_a_call(gitlab, code, head, connection):
    note_limits(connection.id, retry_after_seconds=30)

    with pytest.raises(CodeHostBusyError) as busy:
        code.read_file(path="README.md", commit=head)

    assert 0 < busy.value.retry_after_seconds <= 30
    assert gitlab.requests == []


def test_a_line_has_an_address_for_people(code, gitlab):
    assert code.line_url(path="a b/c#d.py", commit="a" * 40, line=7) == (
        f"{gitlab.url}/acme/web/shop/-/blob/{'a' * 40}/a%20b/c%23d.py#L7"
    )
