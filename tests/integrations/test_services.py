"""Connecting a project to a repository on this machine."""

import pytest
from django.core.management import CommandError, call_command

from core.errors import InvalidInputError
from integrations.codehosts import NoCodeHostError
from integrations.models import Connection, RepositoryLink
from integrations.selectors import code_host_for
from integrations.services import connect_local
from tenants.audit import Actor
from tenants.models import AuditEvent, Project
from tenants.scope import organization_scope
from tests.factories import ProjectFactory
from tests.integrations.repositories import make_repository


@pytest.fixture(autouse=True)
def _allowed(settings):
    settings.ALLOW_LOCAL_REPOSITORIES = True


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "shop"
    make_repository(folder, {"app.py": "print(1)\n"})
    return folder


def head(repository):
    return (repository / ".git/refs/heads/main").read_text().strip()


def test_a_connected_project_shows_its_code(acme, repository):
    project = ProjectFactory(name="acme/shop")

    connect_local(project=project, path=repository, actor=Actor.platform())

    file = code_host_for(project).read_file(path="app.py", commit=head(repository))
    assert file.text == "print(1)\n"
    assert AuditEvent.objects.get().action == "repository.connected"


def test_connecting_again_moves_the_link(acme, repository, tmp_path):
    project = ProjectFactory()
    other = tmp_path / "other"
    make_repository(other, {"app.py": "print(2)\n"})
    connect_local(project=project, path=other, actor=Actor.platform())

    link = connect_local(project=project, path=repository, actor=Actor.platform())

    assert link.location == str(repository)
    assert (RepositoryLink.objects.count(), Connection.objects.count()) == (1, 1)


def test_nothing_is_connected_where_the_operator_does_not_allow_it(acme, repository, settings):
    settings.ALLOW_LOCAL_REPOSITORIES = False

    with pytest.raises(NoCodeHostError):
        connect_local(project=ProjectFactory(), path=repository, actor=Actor.platform())

    assert not RepositoryLink.objects.exists()


@pytest.mark.parametrize("folder", ["", "shop/sub", "gone"])
def test_a_folder_that_is_no_repository_is_refused(acme, repository, tmp_path, folder):
    (repository / "sub").mkdir()

    with pytest.raises(InvalidInputError) as refused:
        connect_local(project=ProjectFactory(), path=tmp_path / folder, actor=Actor.platform())

    assert refused.value.field == "path"
    assert not RepositoryLink.objects.exists()


def test_a_project_without_a_repository_says_what_to_do(acme):
    with pytest.raises(NoCodeHostError, match="connect it"):
        code_host_for(ProjectFactory())


def test_a_link_of_another_organization_is_not_used(acme, rival, repository):
    with organization_scope(rival.id):
        theirs = ProjectFactory(name="rival/shop")
        connect_local(project=theirs, path=repository, actor=Actor.platform())

    with pytest.raises(NoCodeHostError):
        code_host_for(theirs)


def test_the_command_makes_the_project_and_connects_it(acme, repository, capsys):
    call_command("connect_local", organization="acme", project="acme/shop", path=str(repository))

    assert RepositoryLink.objects.get(project__name="acme/shop").location == str(repository)
    assert str(repository) in capsys.readouterr().out


def test_the_command_names_what_is_wrong(acme, tmp_path):
    with pytest.raises(CommandError, match="path: must be the top folder"):
        call_command("connect_local", organization="acme", project="a/b", path=str(tmp_path))
    with pytest.raises(CommandError, match="--organization: there is no nobody"):
        call_command("connect_local", organization="nobody", project="a/b", path=str(tmp_path))
    assert not RepositoryLink.objects.exists()
    assert not Project.objects.filter(name="a/b").exists()
