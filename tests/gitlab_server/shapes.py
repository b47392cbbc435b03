"""The shapes of the calls that we make, after GitLab's documentation of each.

https://docs.gitlab.com/api/ : discussions, draft_notes, notes, merge_requests, commits, branches,
repository_files, repositories, projects, project_webhooks, members, personal_access_tokens
"""

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
SHA: Schema = {"type": "string", "pattern": "^[0-9a-f]{40}$"}
COUNT: Schema = {"type": "string", "pattern": "^[1-9][0-9]*$"}
YES_OR_NO: Schema = {"enum": ["true", "false", "True", "False"]}


def maybe(schema: Schema) -> Schema:
    """Return the schema with null allowed."""
    return {"anyOf": [schema, {"type": "null"}]}


def closed(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """Return an object that has nothing but these; what a client sends."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
        "additionalProperties": False,
    }


def having(**required: Schema) -> Schema:
    """Return an object that has at least these; what GitLab answers."""
    return {"type": "object", "required": list(required), "properties": required}


def many(item: Schema) -> Schema:
    return {"type": "array", "items": item}


PAGING = {"page": COUNT, "per_page": {"type": "string", "pattern": "^([1-9][0-9]?|100)$"}}

_END = closed(
    {},
    {
        "line_code": {"type": "string", "pattern": "^[0-9a-f]{40}_[0-9]+_[0-9]+$"},
        "type": maybe({"enum": ["new", "old"]}),
        "old_line": maybe(NUMBER),
        "new_line": maybe(NUMBER),
    },
)
POSITION = closed(
    {
        "base_sha": SHA,
        "start_sha": SHA,
        "head_sha": SHA,
        "position_type": {"enum": ["text", "image", "file"]},
        "new_path": {"type": "string", "maxLength": 1000},
        "old_path": {"type": "string", "maxLength": 1000},
    },
    {
        "new_line": maybe(NUMBER),
        "old_line": maybe(NUMBER),
        "line_range": closed({"start": _END, "end": _END}),
    },
)
BODY: Schema = {"type": "string", "minLength": 1, "maxLength": 1_000_000}

NEW_DISCUSSION = closed({"body": BODY}, {"position": POSITION, "commit_id": SHA})
NEW_NOTE = closed({"body": BODY}, {"internal": TRUTH})
NEW_DRAFT = closed(
    {"note": BODY},
    {"position": POSITION, "in_reply_to_discussion_id": TEXT, "resolve_discussion": TRUTH},
)
NEW_STATUS = closed(
    {"state": {"enum": ["pending", "running", "success", "failed", "canceled", "skipped"]}},
    {
        "name": {"type": "string", "maxLength": 255},
        "context": TEXT,
        "ref": TEXT,
        "target_url": {"type": "string", "maxLength": 255},
        "description": {"type": "string", "maxLength": 255},
        "pipeline_id": NUMBER,
    },
)
_ACTION = closed(
    {
        "action": {"enum": ["create", "delete", "move", "update", "chmod"]},
        "file_path": {"type": "string", "minLength": 1},
    },
    {
        "previous_path": TEXT,
        "content": TEXT,
        "encoding": {"enum": ["text", "base64"]},
        "last_commit_id": SHA,
        "execute_filemode": TRUTH,
    },
)
NEW_COMMIT = closed(
    {"branch": TEXT, "commit_message": TEXT, "actions": {**many(_ACTION), "minItems": 1}},
    {"start_branch": TEXT, "start_sha": SHA, "author_name": TEXT, "author_email": TEXT},
)
NEW_BRANCH = closed({"branch": TEXT, "ref": TEXT})
NEW_MERGE_REQUEST = closed(
    {"source_branch": TEXT, "target_branch": TEXT, "title": {"type": "string", "maxLength": 255}},
    {"description": TEXT, "remove_source_branch": TRUTH, "squash": TRUTH},
)
CHANGED_MERGE_REQUEST = closed(
    {}, {"title": TEXT, "description": TEXT, "state_event": {"enum": ["close", "reopen"]}}
)
HOOK_EVENTS = [
    "push_events",
    "issues_events",
    "confidential_issues_events",
    "merge_requests_events",
    "tag_push_events",
    "note_events",
    "confidential_note_events",
    "job_events",
    "pipeline_events",
    "wiki_page_events",
    "deployment_events",
    "releases_events",
]
NEW_HOOK = closed(
    {"url": {"type": "string", "pattern": "^https?://"}},
    {
        "token": TEXT,
        "enable_ssl_verification": TRUTH,
        "name": TEXT,
        "description": TEXT,
        **dict.fromkeys(HOOK_EVENTS, TRUTH),
    },
)

USER = having(id=NUMBER, username=TEXT, name=TEXT, state=TEXT, web_url=TEXT)
SELF = having(id=NUMBER, username=TEXT, name=TEXT, state=TEXT, web_url=TEXT, bot=TRUTH)
TOKEN = having(
    id=NUMBER,
    name=TEXT,
    revoked=TRUTH,
    created_at=TIME,
    scopes=many(TEXT),
    user_id=NUMBER,
    active=TRUTH,
    expires_at=maybe(TEXT),
)
PROJECT = having(
    id=NUMBER,
    path_with_namespace=TEXT,
    default_branch=maybe(TEXT),
    web_url=TEXT,
    visibility={"enum": ["private", "internal", "public"]},
    archived=TRUTH,
)
GROUP = having(id=NUMBER, full_path=TEXT, name=TEXT, web_url=TEXT)
COMMIT = having(
    id=SHA,
    short_id=TEXT,
    title=TEXT,
    message=TEXT,
    author_name=TEXT,
    author_email=TEXT,
    parent_ids=many(SHA),
)
BRANCH = having(name=TEXT, commit=COMMIT, protected=TRUTH, default=TRUTH, web_url=TEXT)
FILE = having(
    file_name=TEXT,
    file_path=TEXT,
    size=NUMBER,
    encoding={"const": "base64"},
    content=TEXT,
    content_sha256={"type": "string", "pattern": "^[0-9a-f]{64}$"},
    ref=TEXT,
    blob_id=SHA,
    commit_id=SHA,
    last_commit_id=SHA,
    execute_filemode=TRUTH,
)
TREE_ENTRY = having(id=SHA, name=TEXT, type={"enum": ["tree", "blob", "commit"]}, path=TEXT)
TREE_ENTRY["properties"]["mode"] = {"type": "string", "pattern": "^[0-7]{6}$"}
TREE_ENTRY["required"].append("mode")
REFS = having(base_sha=SHA, head_sha=SHA, start_sha=SHA)
MERGE_REQUEST = having(
    id=NUMBER,
    iid=NUMBER,
    project_id=NUMBER,
    title=TEXT,
    description=maybe(TEXT),
    state={"enum": ["opened", "closed", "locked", "merged"]},
    created_at=TIME,
    updated_at=TIME,
    source_branch=TEXT,
    target_branch=TEXT,
    source_project_id=NUMBER,
    target_project_id=NUMBER,
    author=USER,
    sha=SHA,
    web_url=TEXT,
    draft=TRUTH,
)
FULL_MERGE_REQUEST = {
    **MERGE_REQUEST,
    "required": [*MERGE_REQUEST["required"], "diff_refs"],
    "properties": {**MERGE_REQUEST["properties"], "diff_refs": maybe(REFS)},
}
DIFF = having(
    old_path=TEXT,
    new_path=TEXT,
    a_mode=TEXT,
    b_mode=TEXT,
    diff=TEXT,
    collapsed=TRUTH,
    too_large=TRUTH,
    new_file=TRUTH,
    renamed_file=TRUTH,
    deleted_file=TRUTH,
)
CHANGES = {
    **FULL_MERGE_REQUEST,
    "required": [*FULL_MERGE_REQUEST["required"], "changes", "overflow"],
    "properties": {
        **FULL_MERGE_REQUEST["properties"],
        "changes": many(DIFF),
        "overflow": TRUTH,
    },
}
VERSION = having(
    id=NUMBER,
    head_commit_sha=SHA,
    base_commit_sha=SHA,
    start_commit_sha=SHA,
    created_at=TIME,
    merge_request_id=NUMBER,
    state=TEXT,
    real_size=TEXT,
)
FULL_VERSION = {
    **VERSION,
    "required": [*VERSION["required"], "commits", "diffs"],
    "properties": {**VERSION["properties"], "commits": many(COMMIT), "diffs": many(DIFF)},
}
NOTE = having(
    id=NUMBER,
    type=maybe({"enum": ["DiffNote", "DiscussionNote"]}),
    body=TEXT,
    author=USER,
    created_at=TIME,
    updated_at=TIME,
    system=TRUTH,
    noteable_id=NUMBER,
    noteable_iid=NUMBER,
    noteable_type={"const": "MergeRequest"},
    resolvable=TRUTH,
)
DISCUSSION = having(
    id={"type": "string", "pattern": "^[0-9a-f]{40}$"},
    individual_note=TRUTH,
    notes={**many(NOTE), "minItems": 1},
)
DRAFT = having(
    id=NUMBER,
    author_id=NUMBER,
    merge_request_id=NUMBER,
    resolve_discussion=TRUTH,
    discussion_id=maybe(TEXT),
    note=TEXT,
    line_code=maybe(TEXT),
    position={"type": "object"},
)
STATUS = having(
    id=NUMBER,
    sha=SHA,
    status=TEXT,
    name=TEXT,
    target_url=maybe(TEXT),
    description=maybe(TEXT),
    created_at=TIME,
    author=USER,
)
MEMBER = having(id=NUMBER, username=TEXT, name=TEXT, state=TEXT, access_level=NUMBER)
HOOK = having(
    id=NUMBER,
    url=TEXT,
    project_id=NUMBER,
    created_at=TIME,
    enable_ssl_verification=TRUTH,
    **dict.fromkeys(HOOK_EVENTS, TRUTH),
)
# GitLab never gives a hook's token out again.
HOOK["not"] = {"required": ["token"]}
RELEASE = having(version=TEXT, revision=TEXT)
