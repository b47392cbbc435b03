"""What code hosts tell of repositories and installations, and what it does to our rows.

Whoever calls has found the connections that an event speaks for: that of the endpoint it came to,
or of its installation. A repository that none of them reaches changes nothing.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import IntegrityError, transaction

from integrations.announcements import connection_changed
from integrations.events import (
    InstallationChanged,
    RepositoriesLost,
    RepositoriesShared,
    RepositoryChanged,
    RepositoryName,
)
from integrations.installations import connect_installation
from integrations.locks import lock_connections
from integrations.models import Connection, ConnectionState, GitHubApp, RepositoryLink
from tenants.announcements import announce
from tenants.audit import Actor, record_audit_event
from tenants.models import Project

NOT_LINKED = "No project is connected to this repository."
NOTHING_NEW = "All of it was known already."
UNKNOWN_INSTALLATION = "This installation of the app is not connected here."
_FACTS = ("location", "web_url", "default_branch", "is_public", "is_gone", "connection_id")


def link_of_event(*, connection_ids: Collection[int], external_id: str) -> RepositoryLink | None:
    """Return the link to a repository, by the code host's number; None where there is none."""
    link: RepositoryLink | None = (
        RepositoryLink.objects.select_related("project", "connection__app")
        .filter(connection_id__in=connection_ids, external_id=external_id)
        .exclude(external_id="")
        .order_by("id")
        .first()
    )
    return link


@transaction.atomic
def note_repository(*, connection_ids: Collection[int], event: RepositoryChanged) -> str:
    """Take over a repository's new name and visibility; return what happened, for people."""
    lock_connections()
    told = event.repository
    link = link_of_event(connection_ids=connection_ids, external_id=told.external_id)
    connection = None if link else _newcomer(connection_ids)
    if connection is not None:
        link = _link_left_behind(connection, told)
    if link is None:
        return NOT_LINKED
    before = _facts_of(link)
    if connection is not None:
        link.connection, link.is_gone = connection, False
    _take_over(link, told)
    renamed = _rename_project(link, before=str(before["location"]))
    after = _facts_of(link)
    if after == before and not renamed:
        return NOTHING_NEW
    link.save(update_fields=list(_FACTS))
    _record("repository.changed", link.project.name, before=before, after=after)
    if connection is not None:
        announce(connection_changed, connection_id=connection.pk)
    return f"{link.location}: the new name and visibility were taken over.{renamed}"


@transaction.atomic
def note_lost(*, connection_ids: Collection[int], event: RepositoriesLost) -> str:
    """Mark repositories as gone; return what happened, for people."""
    lock_connections()
    links = _links(connection_ids, event.external_ids)
    return _set_gone(links, is_gone=True, action="repository.lost", what="is out of reach now")


@transaction.atomic
def note_shared(*, connection_ids: Collection[int], event: RepositoriesShared) -> str:
    """Take repositories as reachable again; return what happened, for people."""
    lock_connections()
    links = _links(connection_ids, event.external_ids)
    sentence = _set_gone(links, is_gone=False, action="repository.shared", what="is shared again")
    for connection_id in {link.connection_id for link in links}:
        announce(connection_changed, connection_id=connection_id)
    return sentence


@transaction.atomic
def note_installation(*, app: GitHubApp, event: InstallationChanged) -> str:
    """Make, refresh, suspend or end the connection of an installation; return what happened."""
    lock_connections()
    known = Connection.objects.select_for_update().filter(app=app)
    connection: Connection | None = known.filter(installation_id=event.installation_id).first()
    if event.action == "created" and connection is None:
        made = connect_installation(
            app=app,
            installation_id=event.installation_id,
            account=event.account,
            actor=Actor.platform(),
        )
        return f"{made.name}: connected."
    if connection is None:
        return UNKNOWN_INSTALLATION
    if connection.state == ConnectionState.REMOVED:
        return "The installation was deleted; it comes back as a new one."
    return _change_installation(connection, event)


def _change_installation(connection: Connection, event: InstallationChanged) -> str:
    if event.action == "suspended":
        detail = "Suspended at GitHub; an owner of the account can resume it there."
        return _set_state(connection, ConnectionState.SUSPENDED, detail)
    if event.action == "deleted":
        detail = "The app was uninstalled at GitHub; install it again to go on."
        return _set_state(connection, ConnectionState.REMOVED, detail)
    if event.action == "created":
        # Somebody who came back from GitHub was faster, and has checked it.
        return NOTHING_NEW
    _follow_account(connection, event.account)
    if event.action == "changed" and connection.state == ConnectionState.SUSPENDED:
        return f"{connection.name}: still suspended."
    return _set_state(connection, ConnectionState.UNCHECKED, "")


def _set_state(connection: Connection, state: ConnectionState, detail: str) -> str:
    before = connection.state
    connection.state, connection.state_detail = state, detail
    connection.save(update_fields=["state", "state_detail"])
    if before != state:
        _record(
            "connection.state_changed",
            str(connection),
            before={"state": before},
            after={"state": state.value},
        )
    # What failed or waited for it can be tried anew, or is known to be in vain.
    announce(connection_changed, connection_id=connection.pk)
    return f"{connection.name}: {state.label.lower()}."


def _follow_account(connection: Connection, account: str) -> None:
    """Take over an account's new name, in the connection and in the places of its repositories."""
    before = connection.account
    if not account or account == before:
        return
    connection.account = account[:200]
    connection.save(update_fields=["account"])
    _record(
        "connection.changed",
        str(connection),
        before={"account": before},
        after={"account": connection.account},
    )
    if not before:
        return
    for link in connection.links.select_related("project").filter(
        location__startswith=f"{before}/"
    ):
        told = RepositoryName(
            external_id=link.external_id,
            full_name=f"{account}/{link.location.partition('/')[2]}",
            web_url=f"{connection.base_url}/{account}/{link.location.partition('/')[2]}",
        )
        note_repository(connection_ids=[connection.pk], event=RepositoryChanged(repository=told))


def _newcomer(connection_ids: Collection[int]) -> Connection | None:
    """Return the connection that a repository of another installation may have moved to."""
    rows = Connection.objects.filter(id__in=connection_ids, app__isnull=False)
    connection: Connection | None = rows.order_by("id").first()
    return connection


def _link_left_behind(connection: Connection, told: RepositoryName) -> RepositoryLink | None:
    """Return the link of a repository that moved here from another installation of the app."""
    siblings = Connection.objects.filter(app_id=connection.app_id).values_list("id", flat=True)
    return link_of_event(connection_ids=list(siblings), external_id=told.external_id)


def _take_over(link: RepositoryLink, told: RepositoryName) -> None:
    link.location = told.full_name[:1000]
    link.web_url = told.web_url[:1000] or link.web_url
    link.default_branch = told.default_branch[:400] or link.default_branch
    if told.is_public is not None:
        link.is_public = told.is_public


def _rename_project(link: RepositoryLink, *, before: str) -> str:
    """Let the project's name follow where it was the repository's; return what to say of it."""
    project: Project = link.project
    if project.name != before or link.location == before:
        return ""
    if Project.objects.filter(name=link.location).exists():
        return f" The project keeps its name: there is one named {link.location} already."
    project.name = link.location[:400]
    project.url = link.web_url or project.url
    try:
        with transaction.atomic():
            project.save(update_fields=["name", "url"])
    except IntegrityError:
        # A scan of the new name came at the same moment.
        project.name = before
        return f" The project keeps its name: there is one named {link.location} already."
    return f" The project is named {project.name} now."


def _links(connection_ids: Collection[int], external_ids: Iterable[str]) -> list[RepositoryLink]:
    rows = RepositoryLink.objects.select_related("project").filter(
        connection_id__in=connection_ids, external_id__in=[one for one in external_ids if one]
    )
    return list(rows.order_by("id"))


def _set_gone(links: list[RepositoryLink], *, is_gone: bool, action: str, what: str) -> str:
    if not links:
        return NOT_LINKED
    changed = [link for link in links if link.is_gone != is_gone]
    for link in changed:
        link.is_gone = is_gone
        link.save(update_fields=["is_gone"])
        _record(action, link.project.name, after={"location": link.location})
    names = ", ".join(link.location for link in changed[:3])
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    return f"{names}{more}: {what}." if changed else NOTHING_NEW


def _facts_of(link: RepositoryLink) -> dict[str, Any]:
    return {name: getattr(link, name) for name in _FACTS}


def _record(
    action: str, label: str, *, before: dict[str, Any] | None = None, after: dict[str, Any]
) -> None:
    record_audit_event(
        actor=Actor.platform(), action=action, object_label=label, before=before, after=after
    )
