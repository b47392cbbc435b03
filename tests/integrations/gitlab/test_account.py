"""What a token's account is, may do, lists and makes at GitLab."""

from datetime import date

import pytest

from core.encryption import CredentialUnreadableError
from integrations.accounts import Account
from integrations.gitlab.account import GitLabAccount
from integrations.gitlab.calls import Calls
from integrations.gitlab.client import GitLabClient
from integrations.review_hosts import AccessLostError, GoneError, ReviewRefusedError
from tests.integrations.gitlab.shop import NAME

HOOK = "https://assay.example/integrations/gitlab/webhook/key"


def states(account):
    return {check.name: check.ok for check in account.check()}


def with_token(gitlab, login):
    """An account with a token of its own."""
    value = gitlab.add_token(login, [NAME])
    return GitLabAccount(client=GitLabClient(Calls(base_url=gitlab.url, token=lambda: value)))


def test_a_projects_token_acts_for_its_project(gitlab):
    login = f"project_{gitlab.repositories[NAME].id}_bot_ab12"

    assert with_token(gitlab, login).who() == Account(login=login, name=NAME)


def test_a_groups_token_acts_for_its_group(gitlab):
    login = f"group_{gitlab.groups['acme/web']}_bot_ab12"

    assert with_token(gitlab, login).who() == Account(login=login, name="acme/web")


def test_a_persons_token_acts_for_the_person(gitlab):
    assert with_token(gitlab, "zoe").who() == Account(login="zoe", name="zoe")


def test_all_that_is_needed_is_there(account):
    assert states(account) == {
        "scope:api": True,
        "role:reporter": True,
        "role:developer": True,
        "role:maintainer": True,
    }


def test_a_token_that_only_reads_misses_the_scope(gitlab, account, token):
    gitlab.tokens[token].scopes = ["read_api", "read_repository"]

    checks = account.check()

    assert checks[0].ok is False
    assert checks[0].detail == (
        "The token's scopes: read_api, read_repository. Make a token with the scope api, and"
        " enter it."
    )


def test_a_token_that_may_not_even_ask_loses_access(gitlab, account, token):
    gitlab.tokens[token].scopes = ["read_repository"]

    with pytest.raises(AccessLostError, match="scope api"):
        account.check()


def test_when_the_token_expires_is_said(gitlab, account, token):
    gitlab.tokens[token].expires_at = date(2999, 1, 2)

    assert account.check()[0].detail == "The token's scopes: api. It expires on 2999-01-02."


def test_an_expired_or_revoked_token_loses_access(gitlab, account, token):
    gitlab.tokens[token].expires_at = date(2020, 1, 2)

    with pytest.raises(AccessLostError, match="expired"):
        account.check()
    with pytest.raises(AccessLostError, match="expired"):
        account.who()


def test_credentials_are_unlocked_at_the_first_call_alone(connection):
    connection.encrypted_credentials = "of another key"

    account = GitLabAccount.of_connection(connection)

    with pytest.raises(CredentialUnreadableError):
        account.who()


def test_a_role_that_is_missing_in_some_projects_is_counted(gitlab, account, token, tmp_path):
    gitlab.add_repository("acme/api", tmp_path / "shop")
    gitlab.add_member("acme/api", gitlab.tokens[token].username, "reporter")

    checks = {check.name: check for check in account.check()}

    assert checks["role:reporter"].ok is True
    assert checks["role:developer"].ok is False
    assert checks["role:developer"].detail == (
        "The token has it in 1 of the 2 projects that it reaches."
        " Give its bot the role Developer where it is needed."
    )
    assert checks["role:maintainer"].ok is False
    assert not checks["role:maintainer"].is_required


def test_an_old_gitlab_that_tells_no_scopes_leaves_them_open(gitlab, account):
    gitlab.fail(404, path="/personal_access_tokens/self")

    assert states(account)["scope:api"] is None


def test_projects_are_listed_by_pages(gitlab, account, token, tmp_path):
    login = gitlab.tokens[token].username
    for number in range(100):
        gitlab.add_repository(f"acme/p{number}", tmp_path / "shop", people={login: "developer"})

    first = account.repositories(page=1)
    second = account.repositories(page=first.next_page)

    assert (len(first.repositories), first.next_page) == (100, 2)
    assert [one.full_name for one in second.repositories] == ["acme/p99"]
    assert second.next_page is None


def test_projects_whose_code_cannot_be_read_are_not_listed(gitlab, account, token, tmp_path):
    gitlab.add_repository("acme/api", tmp_path / "shop")
    gitlab.add_member("acme/api", gitlab.tokens[token].username, "guest")
    gitlab.add_repository("stranger/open", tmp_path / "shop", public=True)

    assert [one.full_name for one in account.repositories(page=1).repositories] == [NAME]


def test_links_to_the_next_page_are_not_followed(gitlab, account, token, tmp_path):
    gitlab.link_base = "http://127.0.0.1:9"
    login = gitlab.tokens[token].username
    for number in range(100):
        gitlab.add_repository(f"acme/p{number}", tmp_path / "shop", people={login: "developer"})

    assert account.repositories(page=1).next_page == 2
    assert len(account.repositories(page=2).repositories) == 1


def test_a_project_is_found_by_its_whole_name(gitlab, account):
    gitlab.make_public(NAME)

    found = account.repository(full_name=NAME)

    assert found.external_id == str(gitlab.repositories[NAME].id)
    assert (found.full_name, found.default_branch) == (NAME, "main")
    assert found.web_url == f"{gitlab.url}/{NAME}"
    assert (found.is_public, found.is_archived) == (True, False)


@pytest.mark.parametrize("name", ["acme/none", "../user", "acme", "", "a/b?c=d"])
def test_a_project_that_is_not_there_is_gone(account, name):
    with pytest.raises(GoneError):
        account.repository(full_name=name)


def test_a_project_that_was_renamed_is_not_followed_by_name(gitlab, account):
    gitlab.rename(NAME, "store")

    with pytest.raises(GoneError, match="another address"):
        account.repository(full_name=NAME)


def test_a_webhook_is_made_for_what_we_need(gitlab, account):
    hook_id = account.ensure_webhook(full_name=NAME, url=HOOK, secret="a-secret")

    [hook] = gitlab.hooks(NAME)
    assert str(hook.id) == hook_id
    assert (hook.url, hook.token) == (HOOK, "a-secret")
    assert hook.settings == {
        "enable_ssl_verification": True,
        "note_events": True,
        "merge_requests_events": True,
        "push_events": False,
    }


def test_our_webhook_is_mended_and_others_are_left_alone(gitlab, account):
    first = account.ensure_webhook(full_name=NAME, url=HOOK, secret="old")
    account.ensure_webhook(full_name=NAME, url="https://ci.example/hook", secret="theirs")
    gitlab.hooks(NAME)[0].settings["note_events"] = False

    again = account.ensure_webhook(full_name=NAME, url=HOOK, secret="new")

    ours, theirs = gitlab.hooks(NAME)
    assert again == first
    assert (ours.token, ours.settings["note_events"]) == ("new", True)
    assert theirs.token == "theirs"


def test_a_developer_makes_no_webhook_and_hears_who_can(gitlab, account, token):
    gitlab.add_member(NAME, gitlab.tokens[token].username, "developer")

    with pytest.raises(AccessLostError, match=r"role Maintainer.*by hand"):
        account.ensure_webhook(full_name=NAME, url=HOOK, secret="a-secret")


def test_an_address_that_gitlab_does_not_call_is_refused_in_its_words(gitlab, account):
    gitlab.blocks_hooks = True

    with pytest.raises(ReviewRefusedError, match="Url is blocked") as refused:
        account.ensure_webhook(full_name=NAME, url=HOOK, secret="a-secret")

    assert not isinstance(refused.value, AccessLostError)
