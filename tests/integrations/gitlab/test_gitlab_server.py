"""The stand-in for GitLab, spoken with as anybody would: through python-gitlab."""

import gitlab as python_gitlab
import pytest

from integrations.deliveries import SignatureRefusedError
from integrations.events import ChangeRequestChanged, CommentWritten, Passed
from integrations.gitlab.events import read_event
from integrations.gitlab.signatures import check_signature, read_envelope
from integrations.review_hosts import RemoteState
from tests.integrations.gitlab.shop import BOT, CHANGED, NAME
from tests.loopback import Handler, Loopback


@pytest.fixture
def project(gitlab, token):
    with python_gitlab.Gitlab(gitlab.url, private_token=token) as client:
        yield client.projects.get(NAME)


def read(delivery):
    return read_event(name=delivery.event, body=delivery.payload).event


def position_in(merge_request, **lines):
    version = merge_request.versions[-1]
    return {
        "base_sha": version.base,
        "start_sha": version.start,
        "head_sha": version.head,
        "position_type": "text",
        "old_path": "app/views.py",
        "new_path": "app/views.py",
        **lines,
    }


def test_projects_and_people_are_those_of_the_test(gitlab, project):
    member = project.members_all.get(gitlab.user("mel").id)

    assert (project.visibility, project.default_branch) == ("private", "main")
    assert (member.username, member.access_level) == ("mel", 30)


def test_files_come_from_git(project):
    file = project.files.get("app/views.py", ref="main")

    assert file.decode().startswith(b"line 1\n")
    assert project.files.raw("README.md", ref="main") == b"Shop\n"
    assert project.files.head("README.md", ref="main")["x-gitlab-size"] == "5"
    assert [one["path"] for one in project.repository_tree(path="app")] == ["app/views.py"]


def test_a_branch_and_a_commit_can_be_made(gitlab, project):
    project.branches.create({"branch": "fix", "ref": "main"})
    project.commits.create(
        {
            "branch": "fix",
            "commit_message": "Mend",
            "actions": [{"action": "update", "file_path": "README.md", "content": "New\n"}],
        }
    )

    assert gitlab.repositories[NAME].git.read("fix", "README.md") == b"New\n"
    with pytest.raises(python_gitlab.exceptions.GitlabCreateError, match="already exists"):
        project.branches.create({"branch": "fix", "ref": "main"})


@pytest.mark.parametrize(
    "lines",
    [
        {"new_line": 3},
        {"new_line": 5, "old_line": 4},
        {"old_line": 10},
        {"new_line": 15, "old_line": 15},
    ],
    ids=["added", "unchanged", "removed", "not shown"],
)
def test_a_line_is_known_by_the_numbers_that_it_has(project, merge_request, lines):
    discussion = project.mergerequests.get(1).discussions.create(
        {"body": "Here", "position": position_in(merge_request, **lines)}
    )

    assert discussion.attributes["notes"][0]["type"] == "DiffNote"


@pytest.mark.parametrize(
    "lines",
    [
        {"new_line": 3, "old_line": 3},
        {"new_line": 5},
        {"new_line": 10, "old_line": 10},
        {"new_line": 99},
        {"new_line": 3, "new_path": "README.md"},
        {"new_line": 3, "head_sha": "d" * 40},
    ],
    ids=["added with both", "unchanged with one", "shifted", "no line", "no file", "no version"],
)
def test_another_place_is_refused_as_gitlab_does(gitlab, project, merge_request, lines):
    with pytest.raises(python_gitlab.exceptions.GitlabCreateError, match="line_code") as refused:
        project.mergerequests.get(1).discussions.create(
            {"body": "Here", "position": position_in(merge_request, **lines)}
        )

    assert refused.value.response_code == 400
    assert gitlab.notes(NAME, 1) == []


def test_drafts_are_published_together_and_bad_places_dropped(gitlab, project, merge_request):
    drafts = project.mergerequests.get(1).draft_notes
    drafts.create({"note": "One", "position": position_in(merge_request, new_line=3)})
    drafts.create({"note": "Two", "position": position_in(merge_request, new_line=99)})
    drafts.create({"note": "Three"})
    assert gitlab.notifications(NAME, 1) == 0

    drafts.bulk_publish()

    assert [note.body for note in gitlab.notes(NAME, 1)] == ["One", "Three"]
    assert gitlab.notifications(NAME, 1) == 1


def test_another_shape_is_refused_and_fails_the_test(gitlab, project, merge_request):
    notes = project.mergerequests.get(1).notes
    with pytest.raises(python_gitlab.exceptions.GitlabCreateError):
        notes.create({"body": "Hi", "severity": 3})

    assert gitlab.notes(NAME, 1) == []
    with pytest.raises(AssertionError, match=r"asked POST .*/notes: .*severity"):
        gitlab.refuse_violations()
    gitlab.violations.clear()


def test_a_push_makes_a_version_and_tells_of_it(gitlab, merge_request):
    old = merge_request.sha

    _push, update = gitlab.push(NAME, "feature", {"app/views.py": f"{CHANGED}more\n"})

    assert [version.head for version in merge_request.versions] == [old, merge_request.sha]
    assert update.payload["object_attributes"]["oldrev"] == old
    event = read(update)
    assert isinstance(event, ChangeRequestChanged)
    assert event.change_request.head_commit == merge_request.sha


def test_what_becomes_of_a_merge_request_is_told(gitlab, merge_request):
    [closed] = gitlab.close(NAME, 1)
    [reopened] = gitlab.reopen(NAME, 1)
    *_pushes, merged = gitlab.merge(NAME, 1)

    told = [read(delivery) for delivery in (closed, reopened, merged)]
    assert [event.change_request.state for event in told] == [
        RemoteState.CLOSED,
        RemoteState.OPEN,
        RemoteState.MERGED,
    ]
    assert gitlab.repositories[NAME].git.read("main", "app/views.py") == CHANGED.encode()


def test_a_comment_is_told_with_its_thread(gitlab, merge_request):
    first, [told] = gitlab.comment(NAME, 1, "mel", "Hm", path="app/views.py", line=3)
    reply, [answered] = gitlab.reply(NAME, 1, "mel", "/fp fine", discussion=first.discussion_id)
    [edited] = gitlab.edit_comment(NAME, reply.id, "/fp really")

    events = [read(delivery) for delivery in (told, answered, edited)]
    assert all(isinstance(event, CommentWritten) for event in events)
    assert {event.thread_id for event in events} == {first.discussion_id}
    assert [event.text for event in events] == ["Hm", "/fp fine", "/fp really"]
    assert [event.is_edit for event in events] == [False, False, True]
    assert {event.author_key for event in events} == {str(gitlab.user("mel").id)}
    assert gitlab.delete_comment(NAME, reply.id) == []


def test_our_own_comments_are_told_as_a_bots(gitlab, host, merge_request):
    host.reply(number=1, thread_id="", body="Done.")

    event = read(gitlab.deliveries[-1])
    assert (event.author, event.is_bot) == (BOT, True)


def test_a_new_name_comes_with_the_next_event(gitlab, merge_request):
    [renamed] = gitlab.rename(NAME, "store")
    [shown] = gitlab.make_public("acme/web/store")
    _note, [told] = gitlab.comment("acme/web/store", 1, "mel", "Hi")

    assert isinstance(read(renamed), Passed)
    assert isinstance(read(shown), Passed)
    event = read(told)
    assert (event.repository.full_name, event.repository.is_public) == ("acme/web/store", True)
    [deleted] = gitlab.delete_repository("acme/web/store")
    assert deleted.payload["event_name"] == "project_destroy"


def test_an_event_brings_its_token_and_a_key_of_its_own(gitlab, merge_request):
    _note, [told] = gitlab.comment(NAME, 1, "mel", "Hi")

    check_signature(headers=told.headers, body=told.body, secret="a-webhook-secret")
    with pytest.raises(SignatureRefusedError):
        check_signature(headers=told.headers, body=told.body, secret="another")
    envelope = read_envelope(told.headers)
    assert envelope.event == "Note Hook"
    assert envelope.delivery_id == told.headers["Idempotency-Key"]


def test_deliveries_go_to_the_hooks_that_listen(gitlab, account, merge_request):
    with _Listener() as listener:
        account.ensure_webhook(full_name=NAME, url=listener.url, secret="a-secret")
        gitlab.deliveries.clear()
        gitlab.comment(NAME, 1, "mel", "Hi")
        gitlab.push(NAME, "other", {"a.py": "1\n"})

        assert gitlab.deliver() == [204]

    assert [(one["X-Gitlab-Event"], one["X-Gitlab-Token"]) for one in listener.headers] == [
        ("Note Hook", "a-secret")
    ]


class _Listener:
    """Takes webhooks and keeps their headers."""

    def __init__(self):
        self.headers = []
        listener = self

        class ListeningHandler(Handler):
            def do_POST(self):  # noqa: N802 the library's
                self.rfile.read(int(self.headers["Content-Length"]))
                listener.headers.append(dict(self.headers.items()))
                self.send_response(204)
                self.end_headers()

        self._http = Loopback(ListeningHandler)
        self.url = f"{self._http.url}/hook"

    def __enter__(self):
        self._http.start()
        return self

    def __exit__(self, *_rest):
        self._http.stop()
