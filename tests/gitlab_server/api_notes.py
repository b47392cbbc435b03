"""Discussions, notes and draft notes of merge requests."""

from tests.gitlab_server import shapes
from tests.gitlab_server.positions import find_line, problem_of_range
from tests.gitlab_server.routing import Answer, ApiError, Call, bad_request, not_found, route
from tests.gitlab_server.state import Discussion, DraftNote, Note

_AT = "/projects/{project}/merge_requests/{iid}"


@route("GET", f"{_AT}/discussions", gives=shapes.DISCUSSION, is_paged=True)
def discussions(server, call: Call):
    return [_json(server, call, row) for row in call.merge_request.discussions.values()]


@route("GET", f"{_AT}/discussions/{{name}}", gives=shapes.DISCUSSION)
def discussion(server, call: Call):
    return _json(server, call, _discussion(call))


@route("POST", f"{_AT}/discussions", asks=shapes.NEW_DISCUSSION, gives=shapes.DISCUSSION)
def make_discussion(server, call: Call):
    position = call.body.get("position")
    if position and not _is_place(server, call, position):
        raise bad_request(
            '400 Bad request - Note {:line_code=>["can\'t be blank", "must be a valid line code"]}'
        )
    kind = "DiffNote" if position else "DiscussionNote"
    note = _write(server, call, body=call.body["body"], kind=kind, position=position)
    return _json(server, call, call.merge_request.discussions[note.discussion_id])


@route("POST", f"{_AT}/discussions/{{name}}/notes", asks=shapes.NEW_NOTE, gives=shapes.NOTE)
def answer(server, call: Call):
    note = _write(server, call, body=call.body["body"], discussion=_discussion(call))
    return server.note_json(call.project, call.merge_request, note)


@route(
    "PUT",
    f"{_AT}/discussions/{{name}}/notes/{{number}}",
    asks=shapes.closed({}, {"body": shapes.BODY, "resolved": shapes.TRUTH}),
    gives=shapes.NOTE,
)
def change_answer(server, call: Call):
    _discussion(call)
    return change_note(server, call)


@route("DELETE", f"{_AT}/discussions/{{name}}/notes/{{number}}")
def drop_answer(server, call: Call):
    _discussion(call)
    drop_note(server, call)


@route(
    "GET",
    f"{_AT}/notes",
    gives=shapes.NOTE,
    query={
        "sort": {"enum": ["asc", "desc"]},
        "order_by": {"enum": ["created_at", "updated_at"]},
        "activity_filter": shapes.TEXT,
    },
    is_paged=True,
)
def notes(server, call: Call):
    rows = [
        server.note_json(call.project, call.merge_request, row)
        for row in call.merge_request.notes()
    ]
    return rows if call.query.get("sort") == "asc" else rows[::-1]


@route("POST", f"{_AT}/notes", asks=shapes.NEW_NOTE, gives=shapes.NOTE)
def make_note(server, call: Call):
    note = _write(server, call, body=call.body["body"], kind=None)
    return server.note_json(call.project, call.merge_request, note)


@route("GET", f"{_AT}/notes/{{number}}", gives=shapes.NOTE)
def note(server, call: Call):
    return server.note_json(call.project, call.merge_request, _note(call))


@route("PUT", f"{_AT}/notes/{{number}}", asks=shapes.NEW_NOTE, gives=shapes.NOTE)
def change_note(server, call: Call):
    row = _own(call, _note(call))
    if "body" in call.body:
        server.change_note(call.project, call.merge_request, row, call.body["body"])
    return server.note_json(call.project, call.merge_request, row)


@route("DELETE", f"{_AT}/notes/{{number}}")
def drop_note(server, call: Call):
    server.drop_note(call.merge_request, _own(call, _note(call)))


@route("GET", f"{_AT}/draft_notes", gives=shapes.DRAFT, is_paged=True)
def drafts(server, call: Call):
    _refuse_old(server)
    return [server.draft_json(call.project, call.merge_request, row) for row in _drafts(call)]


@route("POST", f"{_AT}/draft_notes", asks=shapes.NEW_DRAFT, gives=shapes.DRAFT)
def make_draft(server, call: Call):
    _refuse_old(server)
    row = DraftNote(
        author=call.user.username,
        note=call.body["note"],
        position=call.body.get("position"),
        discussion_id=call.body.get("in_reply_to_discussion_id"),
    )
    call.merge_request.drafts[row.id] = row
    return server.draft_json(call.project, call.merge_request, row)


@route("DELETE", f"{_AT}/draft_notes/{{number}}")
def drop_draft(server, call: Call):
    del call.merge_request.drafts[_draft(call).id]


@route("PUT", f"{_AT}/draft_notes/{{number}}/publish")
def publish(server, call: Call):
    _publish(server, call, [_draft(call)])
    return Answer(None, 204)


@route("POST", f"{_AT}/draft_notes/bulk_publish")
def publish_all(server, call: Call):
    _refuse_old(server)
    _publish(server, call, _drafts(call))
    return Answer(None, 204)


def _publish(server, call: Call, rows: list[DraftNote]) -> None:
    """Publish drafts with one mail; one whose place is none is dropped without a word."""
    mails = call.merge_request.mails
    published = 0
    for row in rows:
        del call.merge_request.drafts[row.id]
        if row.position and not _is_place(server, call, row.position):
            continue
        thread = call.merge_request.discussions.get(row.discussion_id or "")
        kind = "DiffNote" if row.position else None
        _write(server, call, body=row.note, kind=kind, position=row.position, discussion=thread)
        published += 1
    call.merge_request.mails = mails + (1 if published else 0)


def _write(server, call: Call, **parts) -> Note:
    return server.write_note(call.project, call.merge_request, call.user.username, **parts)


def _is_place(server, call: Call, position) -> bool:
    found = find_line(call.project, call.merge_request, position)
    if found is None:
        return False
    if problem := problem_of_range(position, found[1]):
        server.violations.append(problem)
    return True


def _json(server, call: Call, row: Discussion):
    return {
        "id": row.id,
        "individual_note": row.is_individual,
        "notes": [server.note_json(call.project, call.merge_request, note) for note in row.notes],
    }


def _discussion(call: Call) -> Discussion:
    row = call.merge_request.discussions.get(call.groups["name"])
    if row is None:
        raise not_found("Discussion")
    return row


def _note(call: Call) -> Note:
    number = int(call.groups["number"])
    row = next((row for row in call.merge_request.notes() if row.id == number), None)
    if row is None:
        raise not_found()
    return row


def _own(call: Call, row: Note) -> Note:
    level = call.project.members.get(call.user.username, 0)
    if row.author != call.user.username and level < 40:
        raise ApiError(403, {"message": "403 Forbidden"})
    return row


def _drafts(call: Call) -> list[DraftNote]:
    rows = call.merge_request.drafts.values()
    return [row for row in rows if row.author == call.user.username]


def _draft(call: Call) -> DraftNote:
    row = call.merge_request.drafts.get(int(call.groups["number"]))
    if row is None or row.author != call.user.username:
        raise not_found()
    return row


def _refuse_old(server) -> None:
    if not server.has_draft_notes:
        raise ApiError(404, {"error": "404 Not Found"})
