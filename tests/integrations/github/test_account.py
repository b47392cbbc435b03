"""A connection as a whole: who it is, what it may, and which repositories it reaches."""

from datetime import UTC, datetime

import pytest

from integrations.accounts import Account
from integrations.github.account import EVENTS, GitHubAccount
from integrations.review_hosts import AccessLostError, GoneError
from integrations.selectors import account_of
from tests.integrations.github.stage import NAME
from tests.integrations.repositories import make_repository


@pytest.fixture(params=["app", "token"])
def account(request, stage):
    link = stage.by_app() if request.param == "app" else stage.by_token()
    return GitHubAccount.of_connection(link.connection)


def states(account):
    return {check.name: check.ok for check in account.check()}


def test_the_registry_leads_here(stage):
    assert isinstance(account_of(stage.by_token().connection), GitHubAccount)


def test_an_app_writes_as_its_bot_where_it_is_installed(stage):
    account = GitHubAccount.of_connection(stage.by_app().connection)

    assert account.who() == Account(login="assay-acme[bot]", name="acme")


def test_a_token_writes_as_its_owner(stage):
    account = GitHubAccount.of_connection(stage.by_token().connection)

    assert account.who() == Account(login="acme-bot", name="acme-bot")


def test_an_app_with_all_permissions_passes(stage):
    checks = GitHubAccount.of_connection(stage.by_app().connection).check()

    assert [(check.name, check.ok, check.detail) for check in checks] == [
        ("metadata:read", True, ""),
        ("contents:read", True, ""),
        ("pull_requests:write", True, ""),
        ("checks:write", True, ""),
        ("contents:write", True, ""),
    ]
    assert [check.name for check in checks if not check.is_required] == ["contents:write"]


def test_what_an_app_lacks_is_named_with_the_remedy(stage):
    link = stage.by_app(checks=None, contents="read", pull_requests="read")
    checks = {check.name: check for check in GitHubAccount.of_connection(link.connection).check()}

    assert {name for name, check in checks.items() if check.ok is False} == {
        "checks:write",
        "contents:write",
        "pull_requests:write",
    }
    assert checks["pull_requests:write"].detail == (
        "Granted: read. Give the GitHub App Pull requests: read and write, and accept the change"
        " in the installation's settings at GitHub."
    )


def test_a_token_may_read_and_whether_it_may_write_is_not_known(stage):
    found = states(GitHubAccount.of_connection(stage.by_token().connection))

    assert found == {
        "metadata:read": True,
        "contents:read": True,
        "pull_requests:write": None,
        "statuses:write": None,
        "contents:write": None,
        "repository_hooks:write": None,
    }


def test_what_a_token_cannot_even_read_is_missing(stage):
    link = stage.by_token(permissions={"metadata": "read", "pull_requests": "write"})
    found = states(GitHubAccount.of_connection(link.connection))

    assert found["pull_requests:write"] is None
    assert [name for name, ok in found.items() if ok is False] == [
        "contents:read",
        "statuses:write",
        "contents:write",
        "repository_hooks:write",
    ]


def test_a_token_without_repository_is_told_so(stage, github):
    link = stage.by_token()
    github.forget(NAME)

    checks = GitHubAccount.of_connection(link.connection).check()

    assert {check.ok for check in checks} == {None}
    assert "reaches no repository" in checks[0].detail


def test_a_revoked_token_works_nowhere(stage, github):
    link = stage.by_token()
    github.revoke(stage.token)

    with pytest.raises(AccessLostError, match="Enter a new token"):
        GitHubAccount.of_connection(link.connection).check()


def test_a_suspended_and_a_removed_app_work_nowhere(stage, github):
    account = GitHubAccount.of_connection(stage.by_app().connection)

    stage.installation.suspended_at = datetime.now(UTC)
    with pytest.raises(AccessLostError, match="suspended"):
        account.check()
    github.uninstall(stage.installation)
    with pytest.raises(AccessLostError, match="install it again"):
        account.check()


def test_a_repository_is_told_with_what_an_import_needs(stage, github, account):
    page = account.repositories(page=1)

    (found,) = page.repositories
    assert (found.external_id, found.full_name) == (str(stage.repository.id), NAME)
    assert (found.default_branch, found.is_public, found.is_archived) == ("main", False, False)
    assert found.web_url == f"{github.url}/{NAME}"
    assert page.next_page is None
    assert account.repository(full_name=NAME) == found


def test_a_repository_out_of_reach_is_gone(github, account, tmp_path):
    make_repository(tmp_path / "secret", {"a.py": "a\n"})
    github.add_repository("rival/secret", tmp_path / "secret")

    with pytest.raises(GoneError):
        account.repository(full_name="rival/secret")


@pytest.mark.parametrize(
    "name", ["shop", "../user", "acme/..", "acme/shop/pulls", "acme/shop?x=1", ""]
)
def test_what_is_no_name_of_a_repository_is_not_asked_for(github, account, name):
    with pytest.raises(GoneError, match="owner/repository"):
        account.repository(full_name=name)

    assert github.requests == []


def test_repositories_come_in_pages(stage, github, account, tmp_path):
    for number in range(104):
        name = f"acme/shop-{number:03}"
        repository = github.add_repository(name, tmp_path / "shop", people={"acme-bot": "write"})
        for held in [*github.installations.values(), *github.tokens.values()]:
            held.repositories.add(repository.id)

    first, second = account.repositories(page=1), account.repositories(page=2)

    assert (len(first.repositories), first.next_page) == (100, 2)
    assert (len(second.repositories), second.next_page) == (5, None)


def hook(account, url="https://assay.example/hook"):
    return account.ensure_webhook(full_name=NAME, url=url, secret="a-secret")


def test_an_app_needs_no_webhook_of_a_repository(stage, github):
    assert hook(GitHubAccount.of_connection(stage.by_app().connection)) == ""
    assert github.requests == []


def test_a_webhook_is_made_once_and_mended(stage):
    account = GitHubAccount.of_connection(stage.by_token().connection)

    number = hook(account)
    stage.repository.hooks[int(number)].active = False
    stage.repository.hooks[int(number)].secret = "old"

    assert hook(account) == number
    (made,) = stage.repository.hooks.values()
    assert (made.url, made.secret, made.active) == ("https://assay.example/hook", "a-secret", True)
    assert made.content_type == "json"
    assert sorted(made.events) == sorted(EVENTS)
    assert hook(account, "https://assay.example/other") != number


def test_a_token_that_may_make_no_webhook_is_told_to_make_it_by_hand(stage):
    link = stage.by_token(permissions={"metadata": "read"})

    with pytest.raises(AccessLostError, match="Webhooks: read and write"):
        hook(GitHubAccount.of_connection(link.connection))


def test_a_webhook_of_a_repository_that_is_gone_is_told_as_such(stage, github):
    account = GitHubAccount.of_connection(stage.by_token().connection)
    github.forget(NAME)

    with pytest.raises(GoneError):
        hook(account)
