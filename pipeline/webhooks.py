"""What follows from an event that a code host or Slack told us of."""

from datetime import datetime

from findings.change_requests import note_change_request
from integrations import events, repositories
from integrations.models import Connection, RepositoryLink, WebhookEndpoint, WebhookReceipt
from integrations.webhooks import read_receipt
from notifications.commands import answer_comment
from notifications.slack_actions import answer_button, answer_window
from remediation.change_requests import note_fix_state

SlackEvent = events.SlackButtonPressed | events.SlackWindowFilled | events.SlackCommandGiven
NOT_OF_SLACK = "Commands are answered at the door, and this one came by another way."
NOT_CONNECTED = "The repository is not connected to a project here."


def process(*, receipt: WebhookReceipt, now: datetime) -> str:
    """Do what an event asks for; return what came of it, in a sentence.

    Safe to do twice. Raises TransientError where another try may work.
    """
    read = read_receipt(receipt)
    connections = _connections(receipt.endpoint, read.installation_id)
    event = read.event
    if isinstance(event, events.Passed):
        return event.reason
    if isinstance(event, SlackEvent):
        return _in_slack(receipt, event, now)
    if isinstance(event, events.CommentWritten | events.ChangeRequestChanged):
        link = repositories.link_of_event(
            connection_ids=connections, external_id=event.repository.external_id
        )
        return NOT_CONNECTED if link is None else _in_change_request(link, event, receipt, now)
    return _of_repositories(receipt.endpoint, connections, event)


def _in_slack(receipt: WebhookReceipt, event: SlackEvent, now: datetime) -> str:
    workspace = receipt.endpoint.workspace
    if workspace is None or isinstance(event, events.SlackCommandGiven):
        return NOT_OF_SLACK
    if isinstance(event, events.SlackButtonPressed):
        came_at = receipt.received_at
        return answer_button(event=event, workspace=workspace, came_at=came_at, now=now)
    return answer_window(event=event, workspace=workspace, now=now)


def _in_change_request(
    link: RepositoryLink,
    event: events.CommentWritten | events.ChangeRequestChanged,
    receipt: WebhookReceipt,
    now: datetime,
) -> str:
    if isinstance(event, events.CommentWritten):
        came_at = receipt.received_at
        return answer_comment(project=link.project, event=event, came_at=came_at, now=now)
    remote = event.change_request
    row = note_change_request(project=link.project, remote=remote, now=now)
    if row.changed_at == remote.updated_at:  # an older event changes nothing
        note_fix_state(project=link.project, remote=remote, now=now)
    return f"Change request {row.number} is {row.state}."


def _of_repositories(
    endpoint: WebhookEndpoint,
    connections: list[int],
    event: events.RepositoryChanged
    | events.RepositoriesLost
    | events.RepositoriesShared
    | events.InstallationChanged,
) -> str:
    match event:
        case events.RepositoryChanged():
            return repositories.note_repository(connection_ids=connections, event=event)
        case events.RepositoriesLost():
            return repositories.note_lost(connection_ids=connections, event=event)
        case events.RepositoriesShared():
            return repositories.note_shared(connection_ids=connections, event=event)
        case events.InstallationChanged():
            app = endpoint.app
            return repositories.note_installation(app=app, event=event) if app else NOT_CONNECTED


def _connections(endpoint: WebhookEndpoint, installation_id: int | None) -> list[int]:
    """Return the connections that an endpoint's event may speak of: its own, and no other."""
    if endpoint.connection_id is not None:
        return [endpoint.connection_id]
    if endpoint.app_id is None or installation_id is None:
        return []
    rows = Connection.objects.filter(app=endpoint.app_id, installation_id=installation_id)
    return list(rows.values_list("id", flat=True))
