"""The stand-in for GitHub does as GitHub does, seen through PyGithub."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
import requests
from github import Auth, Github, GithubException, GithubIntegration, InputGitTreeElement
from github.Requester import Requester

from tests.fault_proxy import TWICE, FaultProxy, each_call_once
from tests.github_server.server import GitHubServer
from tests.integrations.repositories import git, make_repository

NAME = "acme/shop"
QUICK = {"retry": None, "seconds_between_requests": 0, "seconds_between_writes": 0}


def numbered(count, **changed):
    """A file of numbered lines, some of them changed: `l5="bad()"`."""
    return "".join(f"{changed.get(f'l{n}', f'line {n}')}\n" for n in range(1, count + 1))


@pytest.fixture(autouse=True)
def _plain_pygithub():
    """Let PyGithub make its own connections; the product gives it others, for the process."""
    ours = (Requester._Requester__httpConnectionClass, Requester._Requester__httpsConnectionClass)
    Requester.resetConnectionClasses()
    yield
    Requester.injectConnectionClasses(*ours)


@pytest.fixture
def server(tmp_path):
    make_repository(tmp_path / "shop", {"app.py": numbered(40), "b.py": "x = 1\n"})
    with GitHubServer() as github:
        github.add_repository(NAME, tmp_path / "shop", people={"mel": "write", "eve": "read"})
        yield github


@pytest.fixture
def app(server):
    return server.add_app("assay-acme")


@pytest.fixture
def installation(server, app):
    return server.install(app, "acme", [NAME])


@pytest.fixture
def pull(server):
    server.push(NAME, "feature", {"app.py": numbered(40, l20="bad()")})
    return server.open_pull(NAME, "feature")[0]


def as_app(server, app, installation):
    """PyGithub with the tokens of an installation."""
    auth = Auth.AppAuth(app.id, app.private_key).get_installation_auth(installation.id)
    return Github(auth=auth, base_url=server.api_url, **QUICK)


def as_person(server, login, **options):
    """PyGithub with a fine-grained token."""
    token = server.add_token(login, [NAME], **options)
    return Github(auth=Auth.Token(token), base_url=server.api_url, **QUICK)


@pytest.fixture
def repository(server, app, installation):
    return as_app(server, app, installation).get_repo(NAME)


def refusal(call, *arguments, **options):
    """The status and the answer of a call that GitHub refuses."""
    with pytest.raises(GithubException) as caught:
        call(*arguments, **options)
    return caught.value.status, caught.value.data


def review(repository, pull, *comments, **options):
    return repository.get_pull(pull.number).create_review(
        commit=repository.get_commit(options.pop("commit", pull.head_sha)),
        body=options.pop("body", ""),
        event="COMMENT",
        comments=[*comments],
    )


def test_a_review_with_many_comments_is_one_mail(server, repository, pull):
    review(
        repository,
        pull,
        {"path": "app.py", "body": "One", "line": 20, "side": "RIGHT"},
        {"path": "app.py", "body": "Two", "line": 21, "start_line": 19, "side": "RIGHT"},
    )

    rows = server.review_comments(NAME, pull.number)
    assert [(row.body, row.start_line, row.line, row.user) for row in rows] == [
        ("One", None, 20, "assay-acme[bot]"),
        ("Two", 19, 21, "assay-acme[bot]"),
    ]
    assert server.notifications(NAME, pull.number) == 1
    assert len(server.reviews(NAME, pull.number)) == 1


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        (
            {"path": "app.py", "line": 2},
            (
                "Pull request review thread line must be part of the diff and Pull request review"
                " thread diff hunk can't be blank"
            ),
        ),
        ({"path": "b.py", "line": 1}, "Path could not be resolved"),
        (
            {"path": "app.py", "line": 20, "start_line": 2},
            "Pull request review thread start line must be part of the same hunk as the line.",
        ),
        ({"path": "app.py", "position": 400}, "Position could not be resolved"),
    ],
)
def test_one_comment_outside_the_diff_refuses_the_whole_review(
    server, repository, pull, comment, message
):
    good = {"path": "app.py", "line": 20, "body": "Good"}

    status, answer = refusal(review, repository, pull, good, {**comment, "body": "Bad"})

    assert (status, answer["errors"]) == (422, [message])
    assert server.review_comments(NAME, pull.number) == []
    assert server.notifications(NAME, pull.number) == 0


def test_a_commit_that_a_forced_push_took_away_is_not_part_of_the_pull_request(
    server, repository, pull
):
    gone = repository.get_commit(pull.head_sha)
    server.push(NAME, "feature", {"app.py": numbered(40, l20="worse()")}, force=True)
    there = repository.get_pull(pull.number)

    status, answer = refusal(
        there.create_review, commit=gone, body="Text", event="COMMENT", comments=[]
    )
    other = refusal(there.create_review_comment, "Text", gone, "app.py", line=20, side="RIGHT")

    assert (status, answer["errors"]) == (422, ["The commitOID is not part of the pull request"])
    assert other[1]["errors"][0]["message"] == "end_commit_oid is not part of the pull request"


def test_a_pruned_commit_is_gone_with_its_files(server, repository, pull):
    gone = pull.head_sha
    server.push(NAME, "feature", {"app.py": numbered(40, l20="worse()")}, force=True)
    server.prune(NAME)

    status, answer = refusal(repository.get_contents, "app.py", ref=gone)

    assert (status, answer["message"]) == (404, f"No commit found for the ref {gone}")


def test_a_body_has_a_longest_length(server, repository, pull):
    there = repository.get_pull(pull.number)
    there.create_issue_comment("x" * 65_536)

    status, answer = refusal(there.create_issue_comment, "x" * 65_537)
    long = {"path": "app.py", "line": 20, "body": "x" * 65_537}

    assert status == 422
    assert answer["errors"][0]["message"] == "Body is too long (maximum is 65536 characters)"
    assert refusal(review, repository, pull, long)[0] == 422
    assert len(server.issue_comments(NAME, pull.number)) == 1


def test_a_comment_follows_its_line_until_the_line_is_changed(server, repository, pull):
    review(repository, pull, {"path": "app.py", "line": 20, "body": "Here"})
    [row] = server.review_comments(NAME, pull.number)

    server.push(NAME, "feature", {"app.py": "new\n" + numbered(40, l20="bad()")})
    after_move = (row.line, row.original_line, row.commit_id == pull.head_sha)
    server.push(NAME, "feature", {"app.py": "new\n" + numbered(40, l20="good()")})

    assert after_move == (21, 20, True)
    assert (row.line, row.position, row.original_line) == (None, None, 20)
    [seen] = repository.get_pull(pull.number).get_review_comments()
    assert (seen.line, seen.original_line) == (None, 20)


def test_edits_send_no_mail_and_replies_stand_in_the_thread(server, repository, pull):
    review(repository, pull, {"path": "app.py", "line": 20, "body": "Here"})
    there = repository.get_pull(pull.number)
    [first] = there.get_review_comments()

    first.edit("Changed")
    answer = there.create_review_comment_reply(first.id, "Because")

    assert [row.body for row in server.review_comments(NAME, 1)] == ["Changed", "Because"]
    assert answer.in_reply_to_id == first.id
    assert server.notifications(NAME, pull.number) == 2
    assert refusal(there.create_review_comment_reply, answer.id, "Deeper")[0] == 422


def test_a_deleted_comment_is_not_found(server, repository, pull):
    comment = repository.get_pull(pull.number).create_issue_comment("Text")
    server.delete_comment(NAME, comment.id, login="mel")

    assert refusal(comment.edit, "New")[0] == 404
    assert server.issue_comments(NAME, pull.number) == []


def test_lists_come_in_pages(server, repository, pull):
    there = repository.get_pull(pull.number)
    for number in range(35):
        server.comment(NAME, pull.number, "mel", f"Comment {number}")

    bodies = [one.body for one in there.get_issue_comments()]

    assert bodies == [f"Comment {number}" for number in range(35)]
    assert [one.path for one in server.asked("GET", "/issues/1/comments")] == [
        "/repos/acme/shop/issues/1/comments",
        "/repos/acme/shop/issues/1/comments?page=2",
    ]


def test_pages_lead_on_through_a_proxy(server, pull):
    token = server.add_token("mel", [NAME])
    for number in range(31):
        server.comment(NAME, pull.number, "mel", f"Comment {number}")
    with FaultProxy(server.url, each_call_once(TWICE)) as proxy:
        client = Github(auth=Auth.Token(token), base_url=f"{proxy.url}/api/v3", **QUICK)
        there = client.get_repo(NAME).get_pull(pull.number)
        there.create_issue_comment("Said once, kept twice")

        assert len([*there.get_issue_comments()]) == 33


def test_a_pull_request_may_come_from_a_fork_that_is_gone(server, repository, pull):
    pull.fork, pull.fork_is_gone = "eve/shop", True

    there = repository.get_pull(pull.number)

    assert (there.head.label, there.head.repo) == ("eve:feature", None)
    assert there.base.repo.full_name == NAME


def test_the_list_of_files_ends_at_its_limit_and_leaves_large_patches_out(tmp_path):
    make_repository(tmp_path / "shop", {"a.py": "1\n"})
    with GitHubServer(files_limit=2, patch_limit=100) as server:
        server.add_repository(NAME, tmp_path / "shop")
        files = {"a.py": numbered(50), "b.py": "2\n", "c.py": "3\n"}
        server.push(NAME, "feature", files)
        pull, _told = server.open_pull(NAME, "feature")
        there = as_person(server, "mel").get_repo(NAME).get_pull(pull.number)

        assert [(one.filename, one.patch) for one in there.get_files()] == [
            ("a.py", None),
            ("b.py", "@@ -0,0 +1 @@\n+2"),
        ]
        assert there.changed_files == 3


def test_files_are_read_at_a_commit_as_json_and_raw(server, repository, pull):
    file = repository.get_contents("b.py", ref=pull.base_sha)
    _headers, raw = repository.requester.requestJsonAndCheck(
        "GET",
        f"{repository.url}/contents/b.py",
        headers={"Accept": "application/vnd.github.raw+json"},
    )

    assert file.decoded_content == b"x = 1\n"
    assert file.sha == git(server.repositories[NAME].git.path, "rev-parse", "main:b.py")
    assert raw["data"] == "x = 1\n"


def test_a_file_above_one_megabyte_comes_without_its_content(server, repository):
    server.push(NAME, "main", {"large.txt": "x" * 1_048_577})

    file = repository.get_contents("large.txt")

    assert (file.size, file.encoding, file.content) == (1_048_577, "none", "")


def test_what_has_not_changed_is_not_sent_again_and_not_counted(server):
    token = server.add_token("mel", [NAME])
    headers = {"Authorization": f"Bearer {token}"}
    first = requests.get(f"{server.url}/repos/{NAME}", headers=headers, timeout=10)

    again = requests.get(
        f"{server.url}/repos/{NAME}",
        headers={**headers, "If-None-Match": first.headers["ETag"]},
        timeout=10,
    )

    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["X-RateLimit-Remaining"] == "4999"
    assert server.used == 1


def test_a_branch_a_commit_and_a_pull_request_are_made_of_git_objects(server, repository):
    base = repository.get_git_commit(repository.get_branch("main").commit.sha)
    blob = repository.create_git_blob("x = 2\n", "utf-8")
    element = InputGitTreeElement("b.py", "100644", "blob", sha=blob.sha)
    tree = repository.create_git_tree([element], base.tree)
    commit = repository.create_git_commit("Fix", tree, [base])
    repository.create_git_ref("refs/heads/assay/fix-1", commit.sha)

    made = repository.create_pull(base="main", head="assay/fix-1", title="Fix", body="Because")

    assert [(one.filename, one.patch) for one in made.get_files()] == [
        ("b.py", "@@ -1 +1 @@\n-x = 1\n+x = 2")
    ]
    assert (made.user.login, made.number) == ("assay-acme[bot]", 1)


def test_what_is_there_already_is_refused(server, repository):
    main = repository.get_branch("main").commit.sha
    repository.create_git_ref("refs/heads/fix", main)
    file = repository.get_contents("b.py", ref="fix")
    repository.update_file("b.py", "Fix", "x = 2\n", file.sha, branch="fix")
    repository.create_pull(base="main", head="fix", title="Fix")

    again = refusal(repository.create_pull, base="main", head="fix", title="Fix")[1]
    stale = refusal(repository.update_file, "b.py", "Fix", "x = 3\n", file.sha, branch="fix")

    assert refusal(repository.create_git_ref, "refs/heads/fix", main)[1]["message"] == (
        "Reference already exists"
    )
    assert again["errors"][0]["message"] == "A pull request already exists for acme:fix."
    assert (stale[0], stale[1]["message"]) == (409, f"b.py does not match {file.sha}")
    assert len(server.pulls(NAME)) == 1


def test_check_runs_are_for_apps_and_statuses_for_all(server, repository, pull):
    run = repository.create_check_run("assay", pull.head_sha, status="in_progress")
    run.edit(status="completed", conclusion="neutral", output={"title": "T", "summary": "S"})
    person = as_person(server, "mel").get_repo(NAME)
    person.get_commit(pull.head_sha).create_status("success", description="D", context="assay")

    [kept] = server.check_runs(NAME, pull.head_sha)
    assert (kept.status, kept.conclusion, kept.output["title"]) == ("completed", "neutral", "T")
    assert [one.state for one in server.statuses(NAME, pull.head_sha)] == ["success"]
    assert refusal(person.create_check_run, "assay", pull.head_sha)[0] == 403


def test_a_permission_that_is_missing_is_named(server, installation, repository, pull):
    server.grant(installation, {"checks": "read", "pull_requests": None})

    with pytest.raises(GithubException) as caught:
        repository.create_check_run("assay", pull.head_sha)

    assert caught.value.status == 403
    assert caught.value.data["message"] == "Resource not accessible by integration"
    assert caught.value.headers["x-accepted-github-permissions"] == "checks=write"
    assert refusal(repository.get_pull, pull.number)[0] == 403


def test_a_person_may_no_more_than_their_role(server, pull):
    eve = as_person(server, "eve").get_repo(NAME)

    refused = refusal(eve.get_commit(pull.head_sha).create_status, "success")

    assert refused[1]["message"] == "Resource not accessible by personal access token"
    assert refusal(lambda: list(eve.get_hooks()))[0] == 404
    assert eve.get_collaborator_permission("mel") == "write"
    assert eve.get_collaborator_permission("eve") == "read"


def test_a_repository_that_is_not_shared_is_not_found(server, app, tmp_path):
    make_repository(tmp_path / "other", {"a.py": "1\n"})
    server.add_repository("acme/other", tmp_path / "other")
    installation = server.install(app, "acme", [NAME])
    client = as_app(server, app, installation)
    client.get_repo(NAME)

    hidden = refusal(client.get_repo, "acme/other")
    server.forget(NAME)

    assert (hidden[0], hidden[1]["message"]) == (404, "Not Found")
    assert refusal(client.get_repo, NAME)[0] == 404


def test_a_public_repository_is_read_by_all_and_written_by_few(server, app, tmp_path):
    make_repository(tmp_path / "open", {"a.py": "1\n"})
    server.add_repository("acme/open", tmp_path / "open", public=True)
    client = as_app(server, app, server.install(app, "acme", [NAME]))

    there = client.get_repo("acme/open")

    assert there.get_contents("a.py").decoded_content == b"1\n"
    assert refusal(there.create_git_blob, "x", "utf-8")[0] == 403


def test_tokens_of_an_installation_end(tmp_path, server, app, installation, repository):
    start = datetime.now(UTC)
    server.now = lambda: start + timedelta(minutes=61)
    expired = refusal(repository.get_branch, "main")
    server.now = lambda: start
    server.suspend(installation)
    suspended = refusal(repository.get_branch, "main")
    server.unsuspend(installation)
    server.uninstall(installation)

    assert (expired[0], expired[1]["message"]) == (401, "Bad credentials")
    assert (suspended[0], suspended[1]["message"]) == (
        403,
        "This installation has been suspended",
    )
    assert refusal(repository.get_branch, "main")[0] == 401


def test_a_revoked_token_is_unknown(server):
    token = server.add_token("mel", [NAME])
    server.revoke(token)
    client = Github(auth=Auth.Token(token), base_url=server.api_url, **QUICK)

    assert refusal(client.get_repo, NAME)[0] == 401


def test_only_the_key_of_the_app_opens_its_installations(server, app, installation):
    other = server.add_app("other", owner="rival")
    good = GithubIntegration(
        auth=Auth.AppAuth(app.id, app.private_key), base_url=server.api_url, **QUICK
    )
    foreign = GithubIntegration(
        auth=Auth.AppAuth(other.id, other.private_key), base_url=server.api_url, **QUICK
    )
    app.public_key = app.public_key.replace("A", "B", 1)

    assert [one.id for one in foreign.get_installations()] == []
    assert refusal(foreign.get_app_installation, installation.id)[0] == 404
    assert refusal(good.get_app)[0] == 401


def test_an_installation_lists_what_it_was_given(server, app, installation):
    auth = Auth.AppAuth(app.id, app.private_key)
    integration = GithubIntegration(auth=auth, base_url=server.api_url, **QUICK)
    [found] = integration.get_installations()

    assert integration.get_app().slug == "assay-acme"
    assert (found.id, [one.full_name for one in found.get_repos()]) == (installation.id, [NAME])


def test_limits_are_told_and_kept(server, repository):
    resets_at = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
    server.limit_rate(remaining=1, resets_at=resets_at)
    repository.get_branch("main")

    with pytest.raises(GithubException) as primary:
        repository.get_branch("main")
    server.limit_rate(remaining=100)
    server.limit_secondary(retry_after=7, status=429)
    with pytest.raises(GithubException) as secondary:
        repository.get_branch("main")

    assert primary.value.status == 403
    assert primary.value.headers["x-ratelimit-remaining"] == "0"
    assert primary.value.headers["x-ratelimit-reset"] == str(int(resets_at.timestamp()))
    assert (secondary.value.status, secondary.value.headers["retry-after"]) == (429, "7")
    assert repository.get_branch("main").name == "main"


def test_a_failure_is_met_as_often_as_it_was_said(server, repository):
    server.fail(502, times=2, method="GET", path="/branches/")

    assert refusal(repository.get_branch, "main")[0] == 502
    assert refusal(repository.get_branch, "main")[0] == 502
    assert repository.get_branch("main").name == "main"


def test_a_renamed_repository_is_found_under_its_old_name(server, app, installation):
    client = as_app(server, app, installation)
    server.rename(NAME, "store")

    assert client.get_repo(NAME).full_name == "acme/store"
    assert server.asked(path="/repos/acme/shop")[-1].status == 301


def test_a_request_that_the_description_forbids_fails_the_test(tmp_path):
    make_repository(tmp_path / "shop", {"a.py": "1\n"})
    server = GitHubServer()
    server.__enter__()
    server.add_repository(NAME, tmp_path / "shop")
    token = server.add_token("mel", [NAME])

    answer = requests.patch(
        f"{server.api_url}/repos/{NAME}/pulls/1",
        json={"title": 7, "colour": "red"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )

    with pytest.raises(AssertionError, match="colour is not known"):
        server.__exit__(None, None, None)
    assert answer.status_code == 422
    assert server.violations == [
        "PATCH /repos/acme/shop/pulls/1: title: 7 is not of type 'string'",
        "PATCH /repos/acme/shop/pulls/1: body: colour is not known",
    ]


def test_deliveries_are_signed_and_shaped_as_github_does(server, app, installation, pull):
    row, [delivery] = server.comment(NAME, pull.number, "mel", "/fp why")

    digest = hmac.new(app.webhook_secret.encode(), delivery.body, hashlib.sha256).hexdigest()
    assert delivery.headers["X-Hub-Signature-256"] == f"sha256={digest}"
    assert delivery.headers["X-GitHub-Event"] == "issue_comment"
    payload = json.loads(delivery.body)
    assert payload["action"] == "created"
    assert payload["comment"]["id"] == row.id
    assert payload["issue"]["pull_request"]["url"].endswith("/repos/acme/shop/pulls/1")
    assert payload["installation"]["id"] == installation.id
    assert payload["repository"]["id"] == server.repositories[NAME].id
    assert payload["sender"]["login"] == "mel"


def test_what_we_write_comes_back_to_us(server, app, repository, pull):
    server.deliveries.clear()
    review(repository, pull, {"path": "app.py", "line": 20, "body": "Here"})

    [delivery] = server.deliveries

    assert (delivery.event, delivery.action) == ("pull_request_review_comment", "created")
    assert delivery.payload["sender"]["type"] == "Bot"
    assert delivery.payload["sender"]["login"] == "assay-acme[bot]"


def test_everything_that_people_do_is_told(server, app, installation, pull, tmp_path):
    server.deliveries.clear()
    comment, _told = server.comment(NAME, pull.number, "mel", "Text", path="app.py", line=20)
    server.edit_comment(NAME, comment.id, "New")
    server.delete_comment(NAME, comment.id)
    server.push(NAME, "feature", {"b.py": "x = 2\n"})
    server.edit_pull(NAME, pull.number, title="Other")
    server.close(NAME, pull.number)
    server.reopen(NAME, pull.number)
    server.merge(NAME, pull.number)
    server.rename(NAME, "store")
    server.make_public("acme/store")
    server.make_private("acme/store")
    server.archive("acme/store")
    server.unshare(installation, ["acme/store"])
    server.share(installation, ["acme/store"])
    server.suspend(installation)
    server.unsuspend(installation)
    server.delete_repository("acme/store")
    server.uninstall(installation)

    assert [f"{one.event} {one.action}".strip() for one in server.deliveries] == [
        "pull_request_review_comment created",
        "pull_request_review_comment edited",
        "pull_request_review_comment deleted",
        "push",
        "pull_request synchronize",
        "pull_request edited",
        "pull_request closed",
        "pull_request reopened",
        "push",
        "pull_request closed",
        "repository renamed",
        "repository publicized",
        "repository privatized",
        "repository archived",
        "installation_repositories removed",
        "installation_repositories added",
        "installation suspend",
        "installation unsuspend",
        "repository deleted",
        "installation deleted",
    ]


def test_a_merge_moves_the_base_and_is_told_as_merged(server, installation, pull):
    told = server.merge(NAME, pull.number)

    assert told[-1].payload["pull_request"]["merged"] is True
    assert server.repositories[NAME].git.read("main", "app.py").decode() == numbered(
        40, l20="bad()"
    )


def test_a_hook_hears_what_it_subscribes_to(server, pull):
    there = as_person(server, "acme-bot").get_repo(NAME)
    config = {"url": "http://127.0.0.1:9/hook", "content_type": "json", "secret": "s3"}
    hook = there.create_hook("web", config, ["issue_comment"], active=True)
    [ping] = server.deliveries[-1:]

    _row, [heard] = server.comment(NAME, pull.number, "mel", "Text")
    unheard = server.close(NAME, pull.number)

    assert (ping.event, ping.payload["hook_id"]) == ("ping", hook.id)
    assert heard.url == "http://127.0.0.1:9/hook"
    digest = hmac.new(b"s3", heard.body, hashlib.sha256).hexdigest()
    assert heard.headers["X-Hub-Signature-256"] == f"sha256={digest}"
    assert unheard == []
    assert hook.config["secret"] == "********"


def test_a_manifest_becomes_an_app_and_its_code_works_once(server):
    manifest = {
        "name": "Assay of Acme",
        "url": "https://assay.example",
        "hook_attributes": {"url": "https://assay.example/hook"},
        "redirect_url": "https://assay.example/back",
        "default_permissions": {"contents": "read"},
        "default_events": ["issue_comment"],
    }
    sent = requests.post(
        f"{server.url}/organizations/acme/settings/apps/new?state=abc",
        data={"manifest": json.dumps(manifest)},
        allow_redirects=False,
        timeout=10,
    )
    code = sent.headers["Location"].partition("code=")[2].partition("&")[0]
    conversion = f"{server.api_url}/app-manifests/{code}/conversions"

    made = requests.post(conversion, timeout=10)
    again = requests.post(conversion, timeout=10)

    assert sent.headers["Location"].endswith("&state=abc")
    assert (made.status_code, again.status_code) == (201, 404)
    assert made.json()["slug"] == "assay-of-acme"
    assert made.json()["pem"].startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert server.apps[made.json()["id"]].webhook_url == "https://assay.example/hook"


def test_what_stands_at_a_commit_is_listed_by_branch_too(server, repository, pull):
    repository.create_check_run("assay", pull.head_sha)
    repository.get_commit(pull.head_sha).create_status("success", context="assay")

    commit = repository.get_commit("feature")

    assert [one.name for one in commit.get_check_runs()] == ["assay"]
    assert [one.context for one in commit.get_statuses()] == ["assay"]
    _headers, rows = repository.requester.requestJsonAndCheck(
        "GET", f"{repository.url}/commits/feature/statuses"
    )
    assert [row["state"] for row in rows] == ["success"]


def test_a_file_keeps_its_mode(server, repository):
    store = server.repositories[NAME].git
    git(store.path, "update-index", "--chmod=+x", "b.py")
    git(store.path, "commit", "--quiet", "--message", "Run it")

    server.push(NAME, "main", {"b.py": "x = 2\n"})

    [entry] = [one for one in repository.get_git_tree("main").tree if one.path == "b.py"]
    assert entry.mode == "100755"
