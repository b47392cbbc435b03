"""Calls of GitLab: what is shown, what failures mean, and where they lead."""

import traceback

import pytest

from core.guarded_requests import CertificatesUnreadableError
from integrations.codehosts import CodeHostBusyError
from integrations.gitlab.calls import Calls, part
from integrations.gitlab.client import GitLabClient
from integrations.gitlab.failures import words_of
from integrations.review_hosts import AccessLostError, GoneError, ReviewRefusedError
from tests.fault_proxy import CUT_BEFORE, DROP_AFTER, TRUNCATE, FaultProxy
from tests.gitlab_server.server import GitLabServer
from tests.integrations.gitlab.shop import NAME


@pytest.fixture
def client(connection):
    return GitLabClient.of_connection(connection)


def client_of(gitlab, token, **options):
    return GitLabClient(Calls(base_url=gitlab.url, token=lambda: token, **options))


def test_the_token_is_shown_in_its_header_and_nowhere_else(gitlab, client, token):
    client.me()

    [seen] = gitlab.requests
    assert seen.headers["PRIVATE-TOKEN"] == token
    assert token not in seen.path


def test_no_error_and_no_repr_shows_the_token(gitlab, client, connection, token):
    gitlab.revoke(token)

    with pytest.raises(AccessLostError) as refused:
        client.me()

    shown = "".join(traceback.format_exception(refused.value))
    assert token not in shown
    assert refused.value.__cause__ is None
    for value in (client, client._calls, client.of_project(NAME), connection):
        assert token not in repr(value)


@pytest.mark.parametrize("wrong", ["", "glpat-a\r\nHost: b", "glpat-ä", "glpat-\u20ac", "a b"])
def test_a_token_that_is_none_is_not_sent_nor_shown(gitlab, wrong):
    with pytest.raises(AccessLostError, match="enter it anew") as refused:
        client_of(gitlab, wrong).me()

    assert "glpat" not in str(refused.value)
    assert gitlab.requests == []


def test_a_gitlab_below_a_path_is_spoken_with_there(settings, tmp_path, db):
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]
    with GitLabServer(prefix="/code/gitlab") as gitlab:
        token = gitlab.add_token("zoe", [])

        assert client_of(gitlab, token).me().username == "zoe"
        with pytest.raises(GoneError):
            GitLabClient(Calls(base_url=gitlab.url[: -len("/gitlab")], token=lambda: token)).me()


def test_a_slash_at_the_end_of_the_address_changes_nothing(gitlab, token):
    assert GitLabClient(Calls(base_url=f"{gitlab.url}/", token=lambda: token)).me().id


def test_a_private_address_is_not_called(gitlab, client, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = []

    with pytest.raises(AccessLostError, match=r"base_url: .* private address"):
        client.me()

    assert gitlab.requests == []


def test_certificates_that_are_none_are_refused(token, gitlab):
    with pytest.raises(CertificatesUnreadableError):
        client_of(gitlab, token, ca_bundle="no certificate").me()


def test_a_server_that_is_away_is_tried_again_later(token):
    with GitLabServer() as gone:
        pass

    with pytest.raises(CodeHostBusyError, match=r"in time or not at all"):
        client_of(gone, token).me()


@pytest.fixture(autouse=True)
def _addresses(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_errors_of_its_own_are_tried_again_later_and_not_at_once(gitlab, client, status):
    gitlab.fail(status, headers={"Retry-After": "7"})

    with pytest.raises(CodeHostBusyError, match=str(status)) as busy:
        client.me()

    assert busy.value.retry_after_seconds == 7
    assert len(gitlab.requests) == 1


def test_a_limit_is_waited_for_as_long_as_gitlab_says(gitlab, client):
    gitlab.limit(retry_after=42)

    with pytest.raises(CodeHostBusyError) as busy:
        client.me()

    assert busy.value.retry_after_seconds == 42
    assert len(gitlab.requests) == 1


def test_after_a_limit_nothing_is_asked_until_the_pause_is_over(gitlab, client, connection):
    gitlab.limit(retry_after=42)
    with pytest.raises(CodeHostBusyError):
        client.me()

    with pytest.raises(CodeHostBusyError):
        GitLabClient.of_connection(connection).me()

    assert len(gitlab.requests) == 1


def test_a_limit_without_a_word_pauses_a_minute(gitlab, client):
    gitlab.limit(retry_after=None)

    with pytest.raises(CodeHostBusyError) as busy:
        client.me()

    assert busy.value.retry_after_seconds == 60


def test_a_redirect_is_not_followed(gitlab, client):
    gitlab.fail(302, headers={"Location": "http://127.0.0.1:9/users/sign_in"})

    with pytest.raises(GoneError, match="base URL"):
        client.me()

    assert len(gitlab.requests) == 1


def test_a_page_in_place_of_an_answer_is_not_taken_for_one(gitlab, client):
    gitlab.fail(200, headers={"Content-Type": "text/plain"}, message="<html>Sign in</html>")

    with pytest.raises(CodeHostBusyError, match="cannot be read") as busy:
        client.me()

    assert "Sign in" not in str(busy.value)


def test_an_answer_without_what_we_read_is_not_taken_for_one(gitlab, client):
    gitlab.fail(200, message="no user")

    with pytest.raises(CodeHostBusyError, match="cannot be read"):
        client.me()


@pytest.mark.parametrize("fault", [CUT_BEFORE, DROP_AFTER, TRUNCATE])
def test_a_lost_answer_is_tried_again_later(gitlab, token, fault):
    with FaultProxy(gitlab.url, [("", "", 1, fault)]) as proxy:
        client = GitLabClient(Calls(base_url=proxy.url, token=lambda: token))

        with pytest.raises(CodeHostBusyError):
            client.me()

        assert client.me().id
        assert len(proxy.calls) == 2


def test_a_slow_host_is_not_waited_for(gitlab, token, settings):
    settings.CODE_HOST_TIMEOUT_SECONDS = 0.2
    gitlab.fail(0, seconds=1)

    with pytest.raises(CodeHostBusyError, match="in time"):
        client_of(gitlab, token).me()


def test_a_list_without_end_is_not_read_for_ever(gitlab, client, merge_request):
    gitlab.is_endless = True

    with pytest.raises(ReviewRefusedError, match="longer"):
        client.of_project(NAME).discussions(1)

    assert len(gitlab.requests) == 200


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("404 Project Not Found", "404 Project Not Found"),
        (["one", "two"], "one; two"),
        ({"name": ["is blank"]}, "name: is blank"),
        (b"Retry later\n", "Retry later"),
        ("a\nb\tc\u202e", "a b c"),
        ("", "no reason given"),
        (None, "no reason given"),
        ("x" * 500, "x" * 200),
        ("glpat-abcdefghij0123456789 is wrong", "[redacted:gitlab-token] is wrong"),
    ],
)
def test_gitlabs_words_are_one_short_line(told, words):
    assert words_of(told) == words


def test_a_name_is_one_part_of_a_path():
    assert part("acme/web shop/../x") == "acme%2Fweb%20shop%2F..%2Fx"
