"""What our side of the wire does with the answers of a GitHub, well-meaning or not."""

import logging
import time

import pytest
from django.core.cache import cache
from github import Auth

from integrations.call_budgets import require_room
from integrations.codehosts import CodeHostBusyError
from integrations.github.calls import calls_as
from integrations.github.shapes import AccessToken, ConvertedApp, User
from integrations.review_hosts import AccessLostError, GoneError, ReviewRefusedError
from tests.integrations.github.scripted import Say, ScriptedServer

TOKEN = "github_pat_very-secret"


@pytest.fixture(autouse=True)
def _listed(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]


def calls_to(server, **options):
    base_url = server if isinstance(server, str) else server.url
    options = {"connection_id": 7, "auth": Auth.Token(TOKEN), **options}
    return calls_as(base_url=base_url, ca_bundle="", **options)


def ask(server, path="/user", **options):
    return calls_to(server, **options).get(User, path, needs="Metadata: read")


def test_a_call_carries_our_name_the_version_and_the_token():
    with ScriptedServer(Say(body={"login": "mel"})) as server:
        assert ask(server).login == "mel"

    headers = server.asked[0].headers
    assert server.asked[0].path == "/api/v3/user"
    assert headers["user-agent"] == "Assay"
    assert headers["x-github-api-version"] == "2022-11-28"
    assert headers["authorization"] == f"token {TOKEN}"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Say(401, {"message": "Bad credentials"}), AccessLostError),
        (Say(403, {"message": "Resource not accessible by integration"}), AccessLostError),
        (Say(404, {"message": "Not Found"}), GoneError),
        (Say(410, {"message": "Gone"}), GoneError),
        (Say(451, {"message": "Repository access blocked"}), GoneError),
        (Say(422, {"message": "Validation Failed"}), ReviewRefusedError),
        (Say(409, {"message": "Git Repository is empty."}), ReviewRefusedError),
        (Say(429, {"message": "Slow down"}), CodeHostBusyError),
        (Say(500), CodeHostBusyError),
        (Say(503, b"<html>Unicorn!</html>"), CodeHostBusyError),
        (Say(202), CodeHostBusyError),
        (Say(200, b"<html>Please log in</html>"), CodeHostBusyError),
        (Say(200, b'{"login": '), CodeHostBusyError),
        (Say(200, ["no", "user"]), CodeHostBusyError),
        (Say(302, headers={"Location": "https://evil.example/"}), GoneError),
    ],
)
def test_each_refusal_is_one_of_ours_and_nothing_is_repeated(answer, error):
    with ScriptedServer(answer) as server:
        with pytest.raises(error):
            ask(server)

        assert len(server.asked) == 1


def test_a_missing_permission_is_named_with_the_remedy():
    forbidden = Say(
        403,
        {"message": "Resource not accessible by personal access token"},
        {"X-Accepted-GitHub-Permissions": "pull_requests=write"},
    )
    with ScriptedServer(forbidden) as server, pytest.raises(AccessLostError) as refusal:
        calls_to(server).order("POST", "/x", {}, needs="Pull requests: read and write")

    assert "Pull requests: read and write (pull_requests=write)" in refusal.value.detail
    assert "grant it" in refusal.value.detail


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Repository was archived so is read-only.", "archived"),
        ("Unable to create comment because issue is locked.", "locked"),
    ],
)
def test_a_closed_place_is_not_a_lost_connection(message, words):
    with (
        ScriptedServer(Say(403, {"message": message})) as server,
        pytest.raises(ReviewRefusedError, match=words) as refusal,
    ):
        ask(server)

    assert not isinstance(refusal.value, AccessLostError)


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("Resource protected by organization SAML enforcement.", "authorize the token"),
        ("The organization has an IP allow list enabled.", "IP allow list"),
        ("This installation has been suspended", "resume it"),
    ],
)
def test_a_lock_of_the_organization_is_told_with_its_own_remedy(message, remedy):
    with (
        ScriptedServer(Say(403, {"message": message})) as server,
        pytest.raises(AccessLostError, match=remedy),
    ):
        ask(server)


def test_an_empty_budget_says_when_it_is_full_again_and_stops_the_next_call():
    reset = int(time.time()) + 600
    limited = Say(
        403,
        {"message": "API rate limit exceeded"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)},
    )
    with ScriptedServer(limited) as server:
        for _try in range(2):
            with pytest.raises(CodeHostBusyError) as refusal:
                ask(server)
            assert 580 < refusal.value.retry_after_seconds <= 600

        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "limited",
    [
        Say(403, {"message": "You have exceeded a secondary rate limit."}, {"Retry-After": "60"}),
        Say(429, {"message": "Too many"}, {"Retry-After": "60"}),
        Say(403, {"message": "You have exceeded a secondary rate limit."}),
        Say(422, {"message": "was submitted too quickly"}),
    ],
)
def test_a_secondary_limit_pauses_the_connection(limited):
    with ScriptedServer(limited) as server, pytest.raises(CodeHostBusyError) as refusal:
        ask(server)

    assert refusal.value.retry_after_seconds == 60
    with pytest.raises(CodeHostBusyError):
        require_room(7, reserve=0)


def test_reading_in_the_background_leaves_calls_to_people():
    low = {"X-RateLimit-Remaining": "150", "X-RateLimit-Reset": str(int(time.time()) + 600)}
    user = Say(body={"login": "mel"}, headers=low)
    with ScriptedServer(user, user) as server:
        ask(server, reserve=200)
        with pytest.raises(CodeHostBusyError):
            ask(server, reserve=200)

        assert ask(server).login == "mel"
        assert len(server.asked) == 2


def test_a_dead_host_is_another_try():
    with ScriptedServer() as server:
        address = server.url

    with pytest.raises(CodeHostBusyError):
        ask(address)


def test_a_private_address_is_told_with_the_remedy(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = []

    with pytest.raises(AccessLostError, match="ALLOW_PRIVATE_ADDRESSES"):
        ask("http://127.0.0.1:9")


def test_an_answer_that_has_not_changed_is_taken_from_the_cache():
    with ScriptedServer(
        Say(body={"login": "mel"}, headers={"ETag": '"1"'}), Say(304, b"", {"ETag": '"1"'})
    ) as server:
        assert [ask(server).login, ask(server).login] == ["mel", "mel"]

        assert "if-none-match" not in server.asked[0].headers
        assert server.asked[1].headers["if-none-match"] == '"1"'


def test_the_name_of_a_kept_answer_tells_nothing_of_it():
    with ScriptedServer(Say(body={"login": "mel"}, headers={"ETag": '"1"'})) as server:
        ask(server, "/repos/acme/secret-plan")

    names = [name for name in cache._cache if "github-answer" in name]
    assert names
    assert not any("secret-plan" in name for name in names)


def test_another_connection_never_gets_a_kept_answer():
    with ScriptedServer(
        Say(body={"login": "mel"}, headers={"ETag": '"1"'}), Say(body={"login": "ron"})
    ) as server:
        ask(server)

        assert ask(server, connection_id=8).login == "ron"
        assert "if-none-match" not in server.asked[1].headers


def test_a_renamed_repository_is_followed_at_the_same_address():
    with ScriptedServer() as server:
        server.answers = [
            Say(301, headers={"Location": f"{server.url}/api/v3/repositories/5?page=2"}),
            Say(body={"login": "mel"}),
        ]

        assert ask(server).login == "mel"
        assert server.asked[1].path == "/api/v3/repositories/5?page=2"


def test_a_moved_write_is_sent_again_only_where_nothing_was_done():
    with ScriptedServer() as server:
        moved = {"Location": f"{server.url}/api/v3/repositories/5/comments"}
        server.answers = [Say(307, headers=moved), Say(201, {"id": 1}), Say(301, headers=moved)]
        calls = calls_to(server)

        calls.order("POST", "/repos/acme/old/comments", {"body": "x"}, needs="")
        with pytest.raises(GoneError):
            calls.order("POST", "/repos/acme/old/comments", {"body": "x"}, needs="")

        assert [one.body for one in server.asked] == [{"body": "x"}] * 3


def test_redirects_have_an_end():
    with ScriptedServer() as server:
        server.answers = [Say(301, headers={"Location": f"{server.url}/api/v3/user"})] * 9
        with pytest.raises(GoneError):
            ask(server)

        assert len(server.asked) == 3


@pytest.mark.parametrize("status", [301, 307, 308])
@pytest.mark.parametrize("path", ["/api/v3/user", "/elsewhere"])
def test_the_token_goes_to_no_other_host(status, path):
    with ScriptedServer() as other, ScriptedServer() as server:
        server.answers = [Say(status, headers={"Location": f"{other.url}{path}"})]
        with pytest.raises(ReviewRefusedError, match="another address"):
            ask(server)

        assert other.asked == []


@pytest.mark.parametrize(
    "path", ["/login", "/api/v3x", "/api/v3/../../login", "/api/v3/..", "/api/v3/./x", "/api"]
)
def test_the_token_goes_to_no_other_page_of_the_host(path):
    with ScriptedServer() as server:
        server.answers = [Say(301, headers={"Location": f"{server.url}{path}"})]
        with pytest.raises(ReviewRefusedError, match="another address"):
            ask(server)

        assert len(server.asked) == 1


@pytest.mark.parametrize("path", ["/repos/../user", "/repos/acme/..", "/repos/./x"])
def test_a_path_that_climbs_is_not_asked_for(path):
    with ScriptedServer() as server:
        with pytest.raises(ReviewRefusedError, match="another address"):
            ask(server, path)

        assert server.asked == []


def test_where_a_link_of_a_list_leads_is_ours_to_say():
    with ScriptedServer() as other, ScriptedServer() as server:
        link = {"Link": f'<{other.url}/api/v3/user/repos?page=2>; rel="next"'}
        server.answers = [Say(body=[{"login": "a"}], headers=link), Say(body=[{"login": "b"}])]

        found = list(calls_to(server).pages(User, "/users", needs="", most_pages=5))

        assert [one.login for one in found] == ["a", "b"]
        assert [one.path for one in server.asked] == [
            "/api/v3/users?page=1&per_page=100",
            "/api/v3/users?page=2&per_page=100",
        ]
        assert other.asked == []


def test_a_list_without_end_is_read_so_far_and_no_further():
    with ScriptedServer() as server:
        server.answers = [Say(body=[{"login": "a"}], headers={"Link": '<x>; rel="next"'})] * 9

        assert len(list(calls_to(server).pages(User, "/users", needs="", most_pages=3))) == 3


def test_writes_keep_the_pause_that_github_asks_for(settings):
    settings.CODE_HOST_SECONDS_BETWEEN_WRITES = 1
    with ScriptedServer(Say(201, {"id": 1})) as server:
        requester = calls_to(server).github.requester

    assert requester.kwargs["seconds_between_writes"] == 1
    assert requester.kwargs["retry"] is None


def test_no_secret_is_in_texts_logs_or_errors(caplog):
    caplog.set_level(logging.DEBUG)
    secret_answer = Say(403, {"message": "x" * 5000})
    with ScriptedServer(Say(body={"login": "mel"}), secret_answer) as server:
        calls = calls_to(server)
        calls.get(User, "/user", needs="")
        with pytest.raises(AccessLostError) as refusal:
            calls.order("POST", "/x", {"body": "code-of-a-customer"}, needs="")

    texts = [repr(calls), repr(calls.line), caplog.text, str(refusal.value), refusal.value.detail]
    assert not any(TOKEN in text or "code-of-a-customer" in text for text in texts)
    assert len(refusal.value.detail) < 600


def test_words_of_github_are_told_without_secrets_and_hidden_characters():
    secret = "ghp_" + "a1B2c3D4e5" * 3 + "F6g7h8"
    with (
        ScriptedServer(Say(422, {"message": f"No \u202e: {secret}"})) as server,
        pytest.raises(ReviewRefusedError) as refusal,
    ):
        ask(server)

    assert refusal.value.detail == "GitHub refuses this: No : [redacted:github-token]"


@pytest.mark.parametrize(
    ("shape", "facts"),
    [
        (AccessToken, {"token": TOKEN, "expires_at": "2026-11-22T12:00:00Z"}),
        (
            ConvertedApp,
            {
                "id": 1,
                "slug": "assay",
                "name": "Assay",
                "owner": {"login": "acme"},
                "client_id": "Iv1",
                "client_secret": TOKEN,
                "webhook_secret": TOKEN,
                "pem": TOKEN,
            },
        ),
    ],
)
def test_an_answer_that_holds_a_secret_is_shown_without_it(shape, facts):
    assert TOKEN not in repr(shape.model_validate(facts))


def test_the_cause_of_a_lost_call_keeps_no_request():
    with ScriptedServer() as server:
        address = server.url

    with pytest.raises(CodeHostBusyError) as refusal:
        ask(address)

    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
