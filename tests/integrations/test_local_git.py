"""Reading files of a real git repository, and every way to be misled by one."""

import hashlib

import pytest

from integrations.code_files import FILE_LIMIT_BYTES
from integrations.codehosts import (
    BinaryFileError,
    CodeUnavailableError,
    CommitGoneError,
    FileGoneError,
    FileTooLargeError,
    NoCodeHostError,
    UnsafePathError,
)
from integrations.local_git.codehost import LocalGitCodeHost
from tests.integrations.repositories import commit_files, git, make_repository


@pytest.fixture(autouse=True)
def _allowed(settings):
    settings.ALLOW_LOCAL_REPOSITORIES = True


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "shop"
    make_repository(folder, {"app/views.py": "print(1)\n"})
    return folder


def head(repository):
    return git(repository, "rev-parse", "HEAD")


def read(repository, path="app/views.py", commit=None):
    host = LocalGitCodeHost(location=repository)
    return host.read_file(path=path, commit=commit or head(repository))


def test_a_file_is_read_as_it_was_at_the_commit(repository):
    old = head(repository)
    commit_files(repository, {"app/views.py": "print(2)\n"})
    (repository / "app/views.py").write_text("print(3)\n")

    file = read(repository, commit=old)

    assert file.text == "print(1)\n"
    assert file.content_hash == hashlib.sha256(b"print(1)\n").hexdigest()
    assert (file.path, file.commit, file.is_damaged) == ("app/views.py", old, False)


def test_a_short_commit_is_enough(repository):
    assert read(repository, commit=head(repository)[:7]).text == "print(1)\n"


def test_a_folder_has_no_address_for_people(repository):
    host = LocalGitCodeHost(location=repository)

    assert host.line_url(path="app/views.py", commit="a" * 40, line=1) == ""


def test_nothing_is_read_where_the_operator_does_not_allow_it(repository, settings):
    settings.ALLOW_LOCAL_REPOSITORIES = False

    with pytest.raises(NoCodeHostError, match="ALLOW_LOCAL_REPOSITORIES=1"):
        read(repository, commit="a" * 40)


@pytest.mark.parametrize(
    "path",
    [
        "../secret.py",
        "app/../../secret.py",
        "app/./views.py",
        "/etc/passwd",
        "app\\views.py",
        "app/views.py\0.txt",
        "app/\nviews.py",
        "",
        "app//views.py",
        "app/",
        ".git/config",
        ":(top)app/views.py/..",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(repository, path):
    with pytest.raises(UnsafePathError) as refused:
        read(repository, path=path)

    assert (refused.value.code, refused.value.field) == ("unsafe_path", "path")


@pytest.mark.parametrize(
    "commit",
    [
        "--output=/tmp/x",
        "-p",
        "main",
        "HEAD",
        "HEAD~1",
        "abc",
        "A" * 40,
        "a" * 65,
        "",
        "a" * 39 + "\n",
    ],
)
def test_a_commit_that_is_not_hex_is_refused(repository, commit):
    host = LocalGitCodeHost(location=repository)

    with pytest.raises(UnsafePathError) as refused:
        host.read_file(path="app/views.py", commit=commit)

    assert refused.value.field == "commit"


def test_a_path_that_looks_like_an_option_is_only_a_path(repository):
    with pytest.raises(FileGoneError):
        read(repository, path="--help")


def test_a_path_with_wildcards_is_taken_letter_by_letter(repository):
    with pytest.raises(FileGoneError):
        read(repository, path="app/*.py")
    with pytest.raises(FileGoneError):
        read(repository, path=":(glob)app/views.py")


def test_a_branch_named_like_a_commit_is_not_mistaken_for_one(repository):
    wanted = "deadbee"
    git(repository, "update-ref", f"refs/heads/{wanted}", head(repository))

    with pytest.raises(CommitGoneError):
        read(repository, commit=wanted)


def test_a_symbolic_link_is_refused(repository):
    (repository / "link.py").symlink_to("/etc/passwd")
    (repository / "folder").symlink_to("app")
    commit_files(repository, {})

    with pytest.raises(UnsafePathError, match="link"):
        read(repository, path="link.py")
    with pytest.raises(FileGoneError):
        read(repository, path="folder/views.py")


def test_a_folder_is_refused(repository):
    with pytest.raises(UnsafePathError):
        read(repository, path="app")


def test_a_submodule_is_refused(repository):
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{head(repository)},module")
    git(repository, "commit", "--quiet", "--message", "Add a submodule")

    with pytest.raises(UnsafePathError):
        read(repository, path="module")


def test_a_missing_commit_and_a_missing_file_are_told_apart(repository):
    with pytest.raises(CommitGoneError, match="fetch or push"):
        read(repository, commit="0" * 40)
    with pytest.raises(FileGoneError, match=r"there is no app/other\.py"):
        read(repository, path="app/other.py")


def test_a_tree_is_no_commit(repository):
    with pytest.raises(CommitGoneError):
        read(repository, commit=git(repository, "rev-parse", "HEAD^{tree}"))


def test_a_binary_file_is_refused(repository):
    commit_files(repository, {"logo.png": b"\x89PNG\r\n\x00\x00"})

    with pytest.raises(BinaryFileError) as refused:
        read(repository, path="logo.png")

    assert refused.value.code == "binary_file"


def test_bytes_that_are_not_utf_8_are_replaced_and_said(repository):
    commit_files(repository, {"latin.py": "name = 'Zoë'\n".encode("latin-1")})

    file = read(repository, path="latin.py")

    assert file.text == "name = 'Zo\N{REPLACEMENT CHARACTER}'\n"
    assert file.is_damaged


def test_a_large_file_is_refused_before_it_is_read(repository):
    commit_files(
        repository,
        {"big.py": b"#" * (FILE_LIMIT_BYTES + 1), "fits.py": b"#" * FILE_LIMIT_BYTES},
    )

    with pytest.raises(FileTooLargeError, match="1,000,001 bytes"):
        read(repository, path="big.py")
    assert len(read(repository, path="fits.py").text) == FILE_LIMIT_BYTES


def test_attributes_and_filters_do_not_touch_what_is_read(repository, tmp_path):
    trap = tmp_path / "trapped"
    git(repository, "config", "filter.evil.smudge", f"touch {trap}")
    git(repository, "config", "diff.evil.textconv", f"touch {trap}; cat")
    git(repository, "config", "core.fsmonitor", f"touch {trap}")
    git(repository, "config", "core.pager", f"touch {trap}")
    git(repository, "config", "core.sshCommand", f"touch {trap}")
    git(repository, "config", "core.hooksPath", str(tmp_path))
    git(repository, "config", "alias.cat-file", f"!touch {trap}")
    git(repository, "config", "remote.origin.url", f"ext::sh -c 'touch {trap}'")
    git(repository, "config", "remote.origin.promisor", "true")
    git(repository, "config", "protocol.ext.allow", "always")
    git(repository, "config", "extensions.partialClone", "origin")
    (repository / ".git/info/attributes").write_text("*.py filter=evil diff=evil\n")

    assert read(repository).text == "print(1)\n"
    with pytest.raises(CodeUnavailableError):
        read(repository, commit="0" * 40)
    assert not trap.exists()


def test_a_replaced_object_does_not_change_what_was_scanned(repository):
    old = git(repository, "rev-parse", "HEAD:app/views.py")
    new = git(repository, "hash-object", "-w", "--stdin", given=b"print('replaced')\n")
    git(repository, "replace", old, new)

    assert read(repository).text == "print(1)\n"


def test_the_environment_does_not_lead_to_another_repository(repository, tmp_path, monkeypatch):
    other = tmp_path / "other"
    make_repository(other, {"app/views.py": "print('other')\n"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))

    host = LocalGitCodeHost(location=repository)

    with pytest.raises(CommitGoneError):
        host.read_file(path="app/views.py", commit=_head_of(other))


def _head_of(folder):
    return (folder / ".git/refs/heads/main").read_text().strip()


def test_a_folder_below_a_repository_is_not_that_repository(repository):
    with pytest.raises(NoCodeHostError, match="connect the project again"):
        LocalGitCodeHost(location=repository / "app").read_file(
            path="views.py", commit=head(repository)
        )


def test_a_folder_that_is_gone_asks_to_be_connected_again(tmp_path):
    with pytest.raises(NoCodeHostError, match="connect the project again"):
        LocalGitCodeHost(location=tmp_path / "gone").read_file(path="a.py", commit="a" * 40)


def test_a_missing_blob_is_told_from_a_missing_commit(repository):
    blob = git(repository, "rev-parse", "HEAD:app/views.py")
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(FileGoneError, match="missing objects"):
        read(repository)
