"""What the panel of a finding says of change requests with its fix."""

from http import HTTPStatus

import pytest
from django.urls import reverse

from findings.models import Conclusion
from integrations.registry import REVIEW_HOSTS
from remediation.models import FixRequest
from tests.factories import (
    FindingFactory,
    FixAttemptFactory,
    FixRequestFactory,
    RepositoryLinkFactory,
    VerdictFactory,
)
from tests.fakes import FakeReviewHost

URL = "https://code.example/acme/shop/pull/9"


@pytest.fixture
def fix(acme, monkeypatch):
    """A proven fix in a repository of GitHub."""
    monkeypatch.setitem(REVIEW_HOSTS, "github", FakeReviewHost().of_link)
    link = RepositoryLinkFactory(connection__kind="github")
    finding = FindingFactory(project=link.project)
    VerdictFactory(finding=finding, conclusion=Conclusion.TRUE_POSITIVE)
    return FixAttemptFactory(finding=finding)


def address(name, *parts):
    return reverse(f"remediation:{name}", args=["acme", *parts])


def panel(client, fix, person, name="remedy-panel"):
    client.force_login(person)
    response = client.get(address(name, fix.finding_id))
    assert response.status_code == HTTPStatus.OK
    return " ".join(response.content.decode().split())


def test_a_member_is_offered_a_change_request(client, fix, mel):
    body = panel(client, fix, mel)

    assert address("request-fix", fix.finding_id, fix.id) in body
    assert "Open a pull request with this fix" in body


def test_at_gitlab_it_is_a_merge_request(client, fix, mel, monkeypatch):
    monkeypatch.setitem(REVIEW_HOSTS, "gitlab", FakeReviewHost().of_link)
    connection = fix.finding.project.repository.connection
    connection.kind = "gitlab"
    connection.save()

    assert "Open a merge request with this fix" in panel(client, fix, mel)


def test_a_reader_sees_the_state_and_no_button(client, fix, vic):
    assert "with this fix" not in panel(client, fix, vic)
    FixRequestFactory(fix=fix, state="opened", number=9, url=URL)

    body = panel(client, fix, vic)

    assert f'<a href="{URL}" rel="noreferrer">Pull request 9</a> with this fix:' in body
    assert "request-fix" not in body


def test_a_reader_may_not_ask(client, fix, vic):
    client.force_login(vic)

    response = client.post(address("request-fix", fix.finding_id, fix.id))

    assert response.status_code == HTTPStatus.FORBIDDEN
    assert not FixRequest.objects.exists()


def test_where_none_can_be_opened_the_reason_is_said(client, fix, mel):
    fix.finding.project.repository.delete()

    body = panel(client, fix, mel)

    assert "No pull request can be opened with this fix." in body
    assert "has no connected repository" in body
    assert address("request-fix", fix.finding_id, fix.id) not in body


def test_asking_makes_one_and_says_so(client, fix, mel):
    client.force_login(mel)

    for _click in range(2):
        response = client.post(
            address("request-fix", fix.finding_id, fix.id), HTTP_HX_REQUEST="true"
        )
        assert response.status_code == HTTPStatus.NO_CONTENT

    row = FixRequest.objects.get()
    assert (row.state, row.requested_by, row.fix) == ("requested", mel, fix)


def test_asking_for_a_fix_that_is_not_shown_any_more_changes_nothing(client, fix, mel):
    FixAttemptFactory(finding=fix.finding)
    client.force_login(mel)

    response = client.post(address("request-fix", fix.finding_id, fix.id))

    assert response.status_code == HTTPStatus.NOT_FOUND
    assert not FixRequest.objects.exists()


def test_while_it_is_being_opened_the_page_looks_again(client, fix, mel):
    row = FixRequestFactory(fix=fix)

    body = panel(client, fix, mel, name="fix-request")

    assert "A pull request with this fix is being opened." in body
    assert f'hx-get="{address("fix-request", fix.finding_id)}" hx-trigger="every 3s"' in body
    assert address("request-fix", fix.finding_id, fix.id) not in body
    row.error = "The code host is busy."
    row.save()
    assert "The last try did not work: The code host is busy." in panel(client, fix, mel)


@pytest.mark.parametrize(
    ("state", "label", "is_offered"),
    [
        ("opened", "open", False),
        ("merged", "merged", True),
        ("closed", "closed without merging", True),
    ],
)
def test_what_became_of_it_is_shown_with_its_address(client, fix, mel, state, label, is_offered):
    FixRequestFactory(fix=fix, state=state, number=9, url=URL)

    body = panel(client, fix, mel, name="fix-request")

    assert f'<a href="{URL}" rel="noreferrer">Pull request 9</a> with this fix:' in body
    assert f'<span class="badge">{label}</span>' in body
    assert ("Open a pull request with this fix" in body) == is_offered
    assert "every 3s" not in body


def test_a_failure_says_why_and_offers_another_try(client, fix, mel):
    FixRequestFactory(fix=fix, state="failed", error="branch: it holds <b>else</b>.")

    body = panel(client, fix, mel)

    assert "The pull request could not be opened: branch: it holds &lt;b&gt;else&lt;/b&gt;." in body
    assert "Try again to open it" in body


def test_one_with_an_earlier_fix_is_told_apart(client, fix, mel):
    FixRequestFactory(fix=fix, state="opened", number=9, url=URL)
    FixAttemptFactory(finding=fix.finding)

    assert "with an earlier fix:" in panel(client, fix, mel)


def test_it_is_shown_also_where_no_fix_is_any_more(client, fix, mel):
    FixRequestFactory(fix=fix, state="merged", number=9, url=URL)
    fix.status = "withdrawn"
    fix.save()

    body = panel(client, fix, mel)

    assert "Pull request 9" in body
    assert "No pull request can be opened" not in body


def test_a_strangers_finding_is_not_there(client, fix, ron):
    client.force_login(ron)

    for name, parts in (("fix-request", []), ("request-fix", [fix.id])):
        path = reverse(f"remediation:{name}", args=["rival", fix.finding_id, *parts])
        send = client.post if parts else client.get
        assert send(path).status_code == HTTPStatus.NOT_FOUND
