"""The Projects pages: the list, one project, its checklist, and importing."""

import re
from http import HTTPStatus

import pytest
from django.urls import reverse
from django.utils import timezone

from console.pipelines import pipelines_for
from findings.models import FindingCount, ScanKind, ScanStatus, Status
from integrations.codehosts import CodeHostBusyError
from integrations.models import Connection, ConnectionKind, ConnectionState, RepositoryLink
from integrations.registry import ACCOUNTS
from integrations.review_hosts import AccessLostError
from notifications.models import CommentState
from tenants.audit import Actor
from tenants.models import AuditEvent, Project, TokenKind
from tenants.scope import organization_scope
from tenants.tokens import create_token
from tests.factories import (
    AppConnectionFactory,
    ChangeRequestFactory,
    ConnectionFactory,
    ProjectFactory,
    RefFactory,
    RepositoryLinkFactory,
    ReviewCommentFactory,
    ReviewFactory,
    ScanFactory,
    WebhookEndpointFactory,
)
from tests.fake_accounts import FakeAccount, a_repository

HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def account(monkeypatch):
    fake = FakeAccount(
        a_repository("acme/shop"),
        a_repository("acme/old", is_archived=True),
        a_repository("acme/site", is_public=True),
        a_repository("acme/last"),
    )
    monkeypatch.setitem(ACCOUNTS, ConnectionKind.GITHUB, fake.of_connection)
    return fake


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def as_mel(client, mel):
    client.force_login(mel)
    return client


def address(name, *arguments):
    return reverse(f"console:{name}", args=["acme", *arguments])


def body(response):
    return response.content.decode()


def names_in(page):
    return re.findall(r'class="cell-link long-name"\s+href="[^"]+">([^<]+)<', page)


def a_scanned_project(name, **facts):
    project = ProjectFactory(name=name, **facts)
    ScanFactory(
        ref=RefFactory(project=project), status=ScanStatus.COMPLETED, ingested_at=timezone.now()
    )
    return project


def test_a_newcomer_is_led_to_a_connection(as_ada):
    page = body(as_ada.get(address("projects")))

    assert "No project yet" in page
    assert reverse("integrations:connections", args=["acme"]) in page
    assert address("scans") in page


def test_who_has_a_connection_is_led_to_the_import(as_ada):
    AppConnectionFactory()

    page = body(as_ada.get(address("projects")))

    assert "Choose the repositories" in page
    assert address("import") in page


def test_a_member_is_told_whom_to_ask(as_mel):
    page = body(as_mel.get(address("projects")))

    assert "Ask an admin of Acme to connect one." in page
    assert address("import") not in page


def test_projects_stand_in_the_list_that_their_scans_say(as_mel):
    a_scanned_project("acme/scanned")
    ProjectFactory(name="acme/waiting")
    a_scanned_project("acme/done", is_archived=True)

    scanning = body(as_mel.get(address("projects")))
    idle = body(as_mel.get(address("projects"), {"tab": "idle"}))
    archived = body(as_mel.get(address("projects"), {"tab": "archived"}))

    assert names_in(scanning) == ["acme/scanned"]
    assert names_in(idle) == ["acme/waiting"]
    assert names_in(archived) == ["acme/done"]
    assert re.findall(r'(\w[\w ]+) <span class="count">(\d+)</span>', scanning) == [
        ("Scanning", "1"),
        ("Not scanning", "1"),
        ("Archived", "1"),
    ]


def test_a_row_tells_repository_branch_scan_and_open_findings(as_mel):
    project = a_scanned_project("acme/shop", tags=["payments"], primary_branch="trunk")
    RepositoryLinkFactory(
        project=project, connection=AppConnectionFactory(state=ConnectionState.WORKING)
    )
    common = {"project": project, "product": "sast", "severity": 2}
    FindingCount.objects.create(**common, status=Status.OPEN, count=3)
    FindingCount.objects.create(**common, status=Status.OPEN, verdict="needs_review", count=4)
    FindingCount.objects.create(**common, status=Status.FIXED, count=50)

    page = body(as_mel.get(address("projects")))

    assert "trunk" in page
    assert "payments" in page
    assert "Completed" in page
    assert "connection-working" in page
    assert '?repo=acme%2Fshop">7<' in page


def test_what_is_no_address_of_the_web_becomes_no_link(as_mel):
    link = RepositoryLinkFactory(web_url="javascript:alert(1)")

    assert "javascript:" not in body(as_mel.get(address("project", link.project_id)))


def test_the_list_asks_a_constant_number_of_questions(as_mel, django_assert_num_queries):
    connection = AppConnectionFactory()
    RepositoryLinkFactory(project=a_scanned_project("acme/one"), connection=connection)
    as_mel.get(address("projects"))
    with django_assert_num_queries(9):
        as_mel.get(address("projects"))
    for index in range(9):
        RepositoryLinkFactory(
            project=a_scanned_project(f"acme/more-{index}"), connection=connection
        )

    with django_assert_num_queries(9):
        page = body(as_mel.get(address("projects")))

    assert len(names_in(page)) == 10


def test_projects_are_paged_by_name(as_mel):
    for index in range(51):
        a_scanned_project(f"acme/p{index:02}")

    first = body(as_mel.get(address("projects"), {"text": "acme"}))
    older = re.search(r'rel="next"\s+href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = body(as_mel.get(address("projects") + older))

    assert names_in(first) == [f"acme/p{index:02}" for index in range(50)]
    assert names_in(second) == ["acme/p50"]
    assert "text=acme" in older


def test_projects_are_found_by_name_and_tag(as_mel):
    a_scanned_project("acme/shop", tags=["payments", "team-red"])
    a_scanned_project("acme/website", tags=["team-red"])

    by_name = body(as_mel.get(address("projects"), {"text": "SHOP acme"}))
    by_tag = body(as_mel.get(address("projects"), {"tag": "payments"}))
    nothing = body(as_mel.get(address("projects"), {"tag": "payments", "text": "website"}))

    assert names_in(by_name) == names_in(by_tag) == ["acme/shop"]
    assert names_in(nothing) == []
    assert "None matches what you search for." in nothing
    assert '<option value="team-red"' in by_name


@pytest.mark.parametrize(
    "query",
    [{"tab": "x"}, {"after": "\0"}, {"text": "%_\\"}, {"tag": "a,b'"}, {"text": "x" * 9000}],
)
def test_an_address_that_makes_no_sense_is_still_a_page(as_mel, query):
    a_scanned_project("acme/shop")

    assert as_mel.get(address("projects"), query).status_code == HTTPStatus.OK


def test_a_new_project_has_everything_to_do(as_ada):
    project = ProjectFactory(name="acme/new")

    page = body(as_ada.get(address("project", project.id)))

    assert "0 of 6 done" in page
    assert 'hx-trigger="every 5s"' in page
    assert reverse("tenants:tokens", args=["acme"]) in page
    assert address("import") in page


def test_the_checklist_turns_green_as_things_happen(as_ada, ada):
    project = ProjectFactory(name="acme/shop")
    steps = []

    def done():
        page = body(as_ada.get(address("checklist", project.id), **HTMX))
        steps.append(re.search(r"(\d) of 6 done", page)[1])
        return page

    connection = AppConnectionFactory(state=ConnectionState.WORKING)
    RepositoryLinkFactory(project=project, connection=connection)
    done()
    endpoint = WebhookEndpointFactory(app=connection.app)
    type(endpoint).objects.update(last_received_at=timezone.now())
    done()
    create_token(actor=Actor.person(ada), kind=TokenKind.CI, name="CI")
    done()
    ref = RefFactory(project=project)
    ScanFactory(ref=ref, ingested_at=timezone.now())
    done()
    ScanFactory(ref=ref, kind=ScanKind.DIFF, change_request="7", ingested_at=timezone.now())
    assert 'hx-trigger="every 5s"' in done()
    review = ReviewFactory(change_request=ChangeRequestFactory(project=project))
    ReviewCommentFactory(review=review, finding__project=project, state=CommentState.POSTED)
    last = done()

    assert steps == ["1", "2", "3", "4", "5", "6"]
    assert "hx-trigger" not in last


def test_a_scan_that_runs_has_not_arrived(as_mel):
    project = ProjectFactory()
    ScanFactory(ref=RefFactory(project=project))

    page = body(as_mel.get(address("checklist", project.id)))

    assert "Put the pipeline below into the repository" in page


def test_a_connection_that_is_broken_is_to_be_mended(as_ada):
    connection = AppConnectionFactory(account="acme", state=ConnectionState.BROKEN)
    project = RepositoryLinkFactory(connection=connection).project

    page = body(as_ada.get(address("checklist", project.id)))

    assert "The connection acme: does not work." in page
    assert reverse("integrations:connection", args=["acme", connection.id]) in page


def test_a_webhook_that_could_not_be_made_says_why(as_ada):
    link = RepositoryLinkFactory(
        connection=AppConnectionFactory(), hook_problem="No webhook was made: ask an owner."
    )

    page = body(as_ada.get(address("checklist", link.project_id)))

    assert "No webhook was made: ask an owner." in page


def test_a_folder_on_this_machine_waits_for_no_events(as_mel):
    project = RepositoryLinkFactory(connection=ConnectionFactory()).project

    page = body(as_mel.get(address("checklist", project.id)))

    assert "1 of 4 done" in page
    assert "A folder on this machine has no change requests" in page
    assert "/nowhere" not in page


def test_pipelines_name_address_secret_and_branch(as_mel, settings):
    settings.PUBLIC_URL = "https://assay.acme.example"
    project = ProjectFactory(primary_branch="trunk")

    page = body(as_mel.get(address("project", project.id)))

    assert page.count("semgrep ci --oss-only --metrics=off") == 4
    assert "SEMGREP_APP_URL: &quot;https://assay.acme.example&quot;" in page
    assert "${{ secrets.SEMGREP_APP_TOKEN }}" in page
    assert "branches: [&quot;trunk&quot;]" in page


def test_a_branch_of_any_name_is_one_text_in_a_pipeline():
    github, gitlab = pipelines_for(branch='a"]\nevil: 1')

    assert 'branches: ["a\\"]\\nevil: 1"]' in github.text
    assert '"a\\"]\\nevil: 1"' in gitlab.text


def test_an_admin_changes_tags_and_branch(as_ada, ada):
    project = ProjectFactory(name="acme/shop", primary_branch="main")
    ScanFactory(ref=RefFactory(project=project, name="release"))
    ScanFactory(ref=RefFactory(project=project, name="refs/pull/7/merge"))

    page = body(as_ada.get(address("project", project.id)))
    as_ada.post(
        address("edit-project", project.id),
        {"tags": "team-red, payments ,team-red,", "primary_branch": "release"},
    )

    assert '<option value="release"' in page
    assert '<option value="refs/pull/7/merge"' not in page
    project.refresh_from_db()
    assert (project.tags, project.primary_branch) == (["team-red", "payments"], "release")
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.object_label) == ("project.changed", ada, "acme/shop")
    assert event.before == {"tags": [], "primary_branch": "main"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"tags": "x" * 101}, "100 characters at most"),
        ({"tags": ",".join(f"t{n}" for n in range(21))}, "20 tags at most"),
        ({"tags": "a\0b"}, "Null characters"),
        ({"primary_branch": "nowhere"}, "Select a valid choice"),
    ],
)
def test_what_a_project_cannot_have_is_refused(as_ada, fields, words):
    project = ProjectFactory(primary_branch="main")

    response = as_ada.post(
        address("edit-project", project.id), {"primary_branch": "main", **fields}
    )

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert words in body(response)
    project.refresh_from_db()
    assert (project.tags, project.primary_branch) == ([], "main")


def test_a_project_is_archived_and_taken_back(as_ada):
    project = ProjectFactory()

    as_ada.post(address("archive-project", project.id))
    project.refresh_from_db()
    was_archived = project.is_archived
    as_ada.post(address("archive-project", project.id), {"restore": "1"})
    project.refresh_from_db()

    assert (was_archived, project.is_archived) == (True, False)
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == [
        "project.archived",
        "project.restored",
    ]


def test_members_read_projects_and_change_none(as_mel):
    project = ProjectFactory()

    page = body(as_mel.get(address("project", project.id)))

    assert address("edit-project", project.id) not in page
    for name, arguments in (
        ("edit-project", [project.id]),
        ("archive-project", [project.id]),
        ("import-chosen", []),
        ("import-one", []),
    ):
        assert as_mel.post(address(name, *arguments)).status_code == HTTPStatus.FORBIDDEN
    assert as_mel.get(address("import")).status_code == HTTPStatus.FORBIDDEN


def test_a_project_of_another_organization_is_not_there(as_ada, rival):
    with organization_scope(rival.id):
        project = ProjectFactory()

    assert as_ada.get(address("project", project.id)).status_code == HTTPStatus.NOT_FOUND
    assert as_ada.get(address("checklist", project.id)).status_code == HTTPStatus.NOT_FOUND


def test_an_import_without_a_connection_leads_to_one(as_ada):
    page = body(as_ada.get(address("import")))

    assert "No connection yet" in page
    assert reverse("integrations:connections", args=["acme"]) in page


def test_an_import_offers_a_page_of_repositories_and_marks_those_it_has(as_ada, account):
    connection = AppConnectionFactory()
    RepositoryLinkFactory(
        connection=connection,
        external_id=account.remote["acme/shop"].external_id,
        project__name="acme/shop",
    )

    first = body(as_ada.get(address("import")))
    second = body(as_ada.get(address("import"), {"connection": connection.id, "page": "2"}))

    assert re.findall(r'name="repository"\s+value="([^"]+)"\s+(disabled|)', first) == [
        ("acme/shop", "disabled"),
        ("acme/old", ""),
        ("acme/site", ""),
    ]
    assert "Archived" in first
    assert "Public" in first
    assert f"?connection={connection.id}&amp;page=2" in first
    assert 'value="acme/last"' in second
    assert "page=3" not in second


def test_an_import_is_searched_within_its_page(as_ada, account):
    AppConnectionFactory()

    found = body(as_ada.get(address("import"), {"q": "SITE"}))
    nothing = body(as_ada.get(address("import"), {"q": "last"}))

    assert re.findall(r'name="repository"\s+value="([^"]+)"', found) == ["acme/site"]
    assert "None of the 3 on this page matches the search." in nothing


def test_of_several_connections_one_is_chosen(as_ada, account):
    AppConnectionFactory(account="one")
    other = AppConnectionFactory(account="other")

    page = body(as_ada.get(address("import")))
    chosen = body(as_ada.get(address("import"), {"connection": other.id}))

    assert 'name="repository"' not in page
    assert 'name="repository"' in chosen


def test_a_lost_connection_is_told_on_the_page_and_remembered(as_ada, account):
    account.broken = AccessLostError("The token was revoked; enter another one.")
    AppConnectionFactory()

    response = as_ada.get(address("import"))

    assert response.status_code == HTTPStatus.OK
    assert "The token was revoked; enter another one." in body(response)
    assert Connection.objects.get().state == ConnectionState.BROKEN


def test_a_slow_code_host_is_told_on_the_page(as_ada, account):
    account.broken = CodeHostBusyError("No answer.")
    AppConnectionFactory()

    assert "does not answer at the moment" in body(as_ada.get(address("import")))


def test_what_was_chosen_is_imported_and_what_failed_says_why(as_ada, account):
    connection = AppConnectionFactory()

    response = as_ada.post(
        address("import-chosen"),
        {
            "connection": connection.id,
            "repository": ["acme/shop", "acme/none", "acme/site"],
            "tags": "team-red",
        },
    )

    page = body(response)
    assert "acme/none is not there, or not shared with the connection." in page
    assert page.count("Not imported") == 1
    assert sorted(Project.objects.values_list("name", flat=True)) == ["acme/shop", "acme/site"]
    assert RepositoryLink.objects.filter(connection=connection).count() == 2
    assert Project.objects.get(name="acme/shop").tags == ["team-red"]


def test_htmx_imports_one_after_the_other(as_ada, account):
    connection = AppConnectionFactory()
    asked = {"connection": connection.id, "repository": ["acme/shop", "acme/site"], "tags": "red"}

    progress = body(as_ada.post(address("import-chosen"), asked, **HTMX))
    before = Project.objects.count()
    outcome = body(as_ada.post(address("import-one"), {**asked, "repository": "acme/shop"}, **HTMX))

    assert progress.count('hx-trigger="load"') == 2
    assert before == 0
    assert "Imported" in outcome
    assert Project.objects.get().tags == ["red"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"repository": []}, "Choose a repository at least."),
        ({"repository": [f"acme/{n}" for n in range(101)]}, "100 repositories at most"),
        ({"repository": ["acme/\n"]}, "none of a repository"),
        ({"tags": "x" * 101}, "100 characters at most"),
    ],
)
def test_an_import_that_cannot_be_is_refused_with_its_form(as_ada, account, fields, words):
    connection = AppConnectionFactory()
    asked = {"connection": connection.id, "repository": ["acme/shop"], **fields}

    response = as_ada.post(address("import-chosen"), asked)

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert words in body(response)
    assert not Project.objects.exists()


def test_a_strangers_connection_imports_nothing(as_ada, account, rival):
    with organization_scope(rival.id):
        connection = AppConnectionFactory()
    asked = {"connection": connection.id, "repository": "acme/shop"}

    for name in ("import-chosen", "import-one"):
        assert as_ada.post(address(name), asked).status_code == HTTPStatus.NOT_FOUND
    assert as_ada.get(address("import"), asked).status_code == HTTPStatus.NOT_FOUND
    assert not Project.objects.exists()
