"""The two walls between organizations."""

import threading

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.utils import DataError, ProgrammingError

from tenants.managers import TenantManager
from tenants.models import Project, TenantModel
from tenants.scope import NoScopeError, organization_scope, try_lock
from tests.factories import ProjectFactory

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]


def test_rows_without_a_scope_are_an_error(db):
    with pytest.raises(NoScopeError):
        Project.objects.count()


def test_a_row_without_a_scope_cannot_be_made(db):
    with pytest.raises(NoScopeError):
        Project(name="acme/shop")


def test_the_manager_shows_the_rows_in_scope(acme, rival):
    ProjectFactory(name="acme/shop")
    with organization_scope(rival.id):
        ProjectFactory(name="rival/shop")

        assert [project.name for project in Project.objects.all()] == ["rival/shop"]
    assert [project.name for project in Project.objects.all()] == ["acme/shop"]


def test_the_database_hides_rows_even_from_the_unscoped_manager(acme, rival):
    ProjectFactory(name="acme/shop")

    with organization_scope(rival.id):
        assert not Project.unscoped.exists()
        assert Project.unscoped.update(name="stolen") == 0
    assert Project.objects.get().name == "acme/shop"


def test_the_database_refuses_a_row_for_another_organization(acme, rival):
    with (
        organization_scope(rival.id),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        ProjectFactory(organization=acme)


def test_a_plain_role_of_the_database_sees_nothing_without_a_scope(acme):
    ProjectFactory()
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)
        cursor.execute("SELECT set_config('app.organization_id', '', true)")
        cursor.execute("SELECT count(*) FROM tenants_project")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_every_tenant_table_is_behind_both_walls(db, model):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s",
            [model._meta.db_table],
        )
        assert cursor.fetchone() == (True, True)
        cursor.execute(
            "SELECT cmd, qual LIKE '%%app.organization_id%%',"
            " with_check LIKE '%%app.organization_id%%'"
            " FROM pg_policies WHERE tablename = %s AND policyname = 'in_scope'",
            [model._meta.db_table],
        )
        assert cursor.fetchone() == ("ALL", True, True)
    assert isinstance(model._default_manager, TenantManager)


def test_every_table_with_an_organization_is_a_tenant_model():
    strays = [
        model._meta.label
        for model in apps.get_models()
        if any(field.name == "organization" for field in model._meta.fields)
        and not issubclass(model, TenantModel)
    ]
    assert strays == []


def test_scopes_nest_and_the_database_follows(acme, rival):
    def in_database():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('app.organization_id', true)")
            return cursor.fetchone()[0]

    assert in_database() == str(acme.id)
    with organization_scope(rival.id):
        assert in_database() == str(rival.id)
    assert in_database() == str(acme.id)


def test_the_scope_that_is_open_is_opened_again_without_a_statement(
    acme, rival, django_assert_num_queries
):
    with django_assert_num_queries(1), organization_scope(acme.id):
        assert list(Project.objects.all()) == []
    with organization_scope(rival.id):
        ProjectFactory(name="rival/shop")
        with organization_scope(rival.id):
            assert Project.unscoped.count() == 1
        with organization_scope(acme.id):
            assert Project.unscoped.count() == 0
        assert Project.unscoped.count() == 1
    assert Project.unscoped.count() == 0


def test_a_scope_survives_a_broken_transaction(acme):
    with pytest.raises(DataError), transaction.atomic(), organization_scope(acme.id):
        connection.cursor().execute("SELECT 1/0")

    assert Project.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_new_database_session_gets_the_scope_that_is_open():
    from tests.factories import OrganizationFactory

    organization = OrganizationFactory()
    with organization_scope(organization.id):
        ProjectFactory(name="acme/shop")
        connection.close()

        assert Project.objects.get().name == "acme/shop"


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_another_session_holds_is_not_waited_for():
    got, held, done = [], threading.Event(), threading.Event()

    def hold():
        with try_lock("tests", 7) as is_mine:
            got.append(is_mine)
            held.set()
            done.wait()
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    with try_lock("tests", 7) as is_mine:
        got.append(is_mine)
    with try_lock("tests", 8) as is_mine:
        got.append(is_mine)
    done.set()
    holder.join()
    with try_lock("tests", 7) as is_mine:
        got.append(is_mine)

    assert got == [True, False, True, True]
