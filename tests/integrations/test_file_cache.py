"""Files kept for minutes: each organization's apart, unreadable in the cache, never in the way."""

import pytest
from django.core.cache import cache

from integrations.codehosts import CodeFile, FileGoneError
from integrations.file_cache import cached_file
from tenants.scope import organization_scope
from tests.factories import RepositoryLinkFactory

CODE = CodeFile(path="app.py", commit="a" * 40, text="password = 'x'\n", content_hash="b" * 64)


class Reader:
    """Counts how often it is asked."""

    def __init__(self, file=CODE):
        self.file = file
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return self.file


@pytest.fixture
def link(acme):
    return RepositoryLinkFactory()


def read(link, reader, path="app.py", commit="a" * 40):
    return cached_file(link=link, path=path, commit=commit, read=reader)


def test_a_file_is_read_once(link):
    reader = Reader()

    assert [read(link, reader), read(link, reader)] == [CODE, CODE]
    assert reader.calls == 1


def test_another_commit_and_another_path_are_other_files(link):
    reader = Reader()

    read(link, reader)
    read(link, reader, commit="c" * 40)
    read(link, reader, path="other.py")

    assert reader.calls == 3


def test_another_organization_never_gets_it(link, rival):
    read(link, Reader())
    theirs = Reader(CodeFile(path="app.py", commit="a" * 40, text="", content_hash="c" * 64))

    with organization_scope(rival.id):
        other = RepositoryLinkFactory(location=link.location)
        assert read(other, theirs).content_hash == "c" * 64

    assert theirs.calls == 1


def test_no_code_stands_in_the_cache(link):
    read(link, Reader())

    kept = repr(cache._cache)
    assert "app.py" not in kept
    assert "password" not in kept


def test_what_cannot_be_read_is_not_kept(link):
    def gone():
        raise FileGoneError("path: there is no app.py.", field="path")

    with pytest.raises(FileGoneError):
        read(link, gone)

    assert read(link, Reader()) == CODE


def test_a_spoiled_entry_costs_another_call(link):
    reader = Reader()
    read(link, reader)
    for key in list(cache._cache):
        cache.set(key.split(":", 2)[2], "spoiled")

    assert read(link, reader) == CODE
    assert reader.calls == 2


def test_a_huge_file_is_read_each_time(link):
    huge = Reader(CodeFile(path="app.py", commit="a" * 40, text="x" * 1_000_001, content_hash="d"))

    read(link, huge)
    read(link, huge)

    assert huge.calls == 2


def test_a_cache_that_is_away_costs_another_call(link, settings):
    settings.CACHES = {"default": {"BACKEND": "nowhere.Nothing"}}
    reader = Reader()

    assert [read(link, reader), read(link, reader)] == [CODE, CODE]
    assert reader.calls == 2
