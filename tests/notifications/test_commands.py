"""Commands in change requests: done once, answered once, and by those who may."""

import threading
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.db import connection

from findings.models import Activity, ChangeRequest, Finding
from findings.signals import findings_triaged
from integrations.codehosts import CodeHostBusyError
from integrations.events import CommentWritten, RepositoryName
from integrations.markers import key_in, marker
from integrations.models import Connection, RepositoryLink
from integrations.registry import REVIEW_HOSTS
from integrations.review_hosts import AccessLostError, ReviewRefusedError
from llm.models import AssistantSettings
from memories.models import Memory
from notifications.commands import answer_comment
from notifications.models import Review, ReviewCommand, ReviewSettings
from tenants.jobs import JobStatus
from tenants.scope import organization_scope
from tests.factories import (
    ConnectionFactory,
    OrganizationFactory,
    ProjectFactory,
    RepositoryLinkFactory,
    ReviewCommentFactory,
    VerdictFactory,
)
from tests.fakes import FakeReviewHost, Fault
from triage.models import Feedback

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def host(monkeypatch):
    host = FakeReviewHost()
    host.writers = {"mel"}
    monkeypatch.setitem(REVIEW_HOSTS, "github", host.of_link)
    monkeypatch.setitem(REVIEW_HOSTS, "gitlab", host.of_link)
    return host


def a_comment_on_a_finding(*, base_url="https://github.com", kind="github"):
    link = RepositoryLinkFactory(connection__kind=kind, connection__base_url=base_url)
    return ReviewCommentFactory(
        review__change_request__project=link.project,
        review__change_request__number=7,
        posted_at=NOW,
    )


@pytest.fixture
def comment(acme):
    return a_comment_on_a_finding()


def event(comment, text, **facts):
    """A reply in the thread of our comment; in the conversation without one."""
    facts = {
        "comment_id": "900",
        "thread_id": comment.thread_id if comment else "",
        "author": "mel",
        "author_key": "mel",
        "is_bot": False,
        "is_edit": False,
        **facts,
    }
    return CommentWritten(
        repository=RepositoryName(external_id="1", full_name="acme/shop"),
        number=7,
        text=text,
        **facts,
    )


def write(comment, text, came_at=NOW, **facts):
    project = comment.review.change_request.project
    written = event(comment, text, **facts)
    return answer_comment(project=project, event=written, came_at=came_at, now=NOW)


def judged(comment, conclusion="false_positive", at=NOW, is_shown=True):
    verdict = VerdictFactory(finding=comment.finding, conclusion=conclusion, created_at=at)
    if is_shown:
        comment.shown_verdict = verdict
        comment.save()
    return verdict


def finding_of(comment):
    return Finding.objects.get(id=comment.finding_id)


def answer(host):
    """The one reply that stands in the change request, without its mark."""
    (body,) = (one.body for one in host.comments[7] if one.key.startswith("answer-"))
    return body.rsplit("\n\n", 1)[0]


@pytest.mark.parametrize(
    ("text", "reason", "label"),
    [
        ("/fp it is escaped", "false_positive", "false positive"),
        ("/ar behind the VPN", "acceptable_risk", "acceptable risk"),
        ("/other gone next week", "no_triage_reason", "no reason given"),
        ("/ignore gone next week", "no_triage_reason", "no reason given"),
        ("/semgrep ignore gone next week", "no_triage_reason", "no reason given"),
    ],
)
def test_a_reply_ignores_the_finding_with_its_reason(comment, host, settings, text, reason, label):
    outcome = write(comment, text)

    finding = finding_of(comment)
    note = text.split(" ", 2 if "semgrep" in text else 1)[-1]
    assert (finding.status, finding.triage_reason) == ("ignored", reason)
    assert (finding.triage_note, finding.triaged_by) == (note, None)
    told = Activity.objects.get()
    assert (told.actor_label, told.door, told.note) == ("@mel (GitHub)", "change_request", note)
    url = f"{settings.PUBLIC_URL}/orgs/acme/findings/{finding.id}"
    assert answer(host) == (
        f"`@mel`: Status of this finding: **Ignored** ({label})."
        " Your text is suggested as a memory; an admin can make it live."
        f"\n[Open the finding]({url})"
    )
    assert host.replies == [(7, comment.thread_id, host.comments[7][0].body)]
    row = ReviewCommand.objects.get()
    assert (row.state, row.author, row.comment, row.answered_at) == ("done", "mel", comment, NOW)
    assert row.answer_id == host.comments[7][0].id
    assert key_in(host.comments[7][0].body) == f"answer-{row.id}"
    assert outcome == f"{row.verb} by mel: done."


def test_a_reason_is_suggested_as_a_memory_for_the_rule_in_the_project(comment, host):
    write(comment, "/fp it is escaped")

    memory = Memory.objects.get()
    assert (memory.stage, memory.source, memory.text) == ("suggested", "comment", "it is escaped")
    assert (memory.project, memory.check_id) == (comment.finding.project, comment.check_id)
    assert (memory.author_label, memory.contexts) == ("@mel (GitHub)", ["triage"])


def test_no_memory_is_suggested_where_they_are_off_or_the_note_is_too_long_for_one(comment, host):
    write(comment, "/fp " + "w" * 2001)
    AssistantSettings.objects.create(uses_memories=False)
    write(comment, "/fp it is escaped", comment_id="901")

    assert finding_of(comment).triage_note == "it is escaped"
    assert not Memory.objects.exists()


def test_a_reply_opens_the_finding_again(comment, host):
    write(comment, "/fp it is escaped")

    write(comment, "/open I was wrong", comment_id="901")

    assert (finding_of(comment).status, finding_of(comment).triage_reason) == ("open", "")
    assert "Status of this finding: **Open**." in host.comments[7][1].body


def test_agreeing_ignores_the_finding_and_keeps_the_note(comment, host):
    verdict = judged(comment)

    write(comment, "/semgrep assistant agree we check it above")

    finding = finding_of(comment)
    assert (finding.status, finding.triage_reason) == ("ignored", "false_positive")
    assert finding.triage_note == "we check it above"
    opinion = Feedback.objects.get()
    assert (opinion.verdict, opinion.rating, opinion.note) == (verdict, "good", "we check it above")
    assert (opinion.actor, opinion.actor_label) == (None, "@mel (GitHub)")
    assert Memory.objects.get().text == "we check it above"


def test_agreeing_without_a_note_suggests_no_memory(comment, host):
    judged(comment)

    write(comment, "/semgrep assistant agree")

    assert finding_of(comment).status == "ignored"
    assert not Memory.objects.exists()


@pytest.mark.parametrize("conclusion", ["true_positive", "needs_review"])
def test_only_a_false_positive_can_be_agreed_with(comment, host, conclusion):
    judged(comment, conclusion)

    write(comment, "/semgrep assistant agree")

    assert finding_of(comment).status == "open"
    assert not Feedback.objects.exists()
    assert "the verdict is not that this finding is a false positive" in answer(host)
    assert ReviewCommand.objects.get().state == "refused"


@pytest.mark.parametrize("word", ["agree", "disagree"])
def test_without_a_verdict_there_is_nothing_to_answer(comment, host, word):
    write(comment, f"/semgrep assistant {word} because")

    assert finding_of(comment).status == "open"
    assert "this finding has no verdict yet" in answer(host)
    assert not Memory.objects.exists()


@pytest.mark.parametrize("word", ["agree", "disagree"])
def test_a_newer_verdict_than_the_comment_shows_is_to_be_read_first(comment, host, word):
    judged(comment, "false_positive", at=NOW)
    judged(comment, "false_positive", at=LATER, is_shown=False)

    write(comment, f"/semgrep assistant {word} because")

    assert finding_of(comment).status == "open"
    assert not Feedback.objects.exists()
    assert "a verdict has come that the comment above did not show yet" in answer(host)


@pytest.mark.parametrize("word", ["agree", "disagree"])
def test_a_verdict_that_the_comment_never_showed_is_to_be_read_first(comment, host, word):
    judged(comment, is_shown=False)

    write(comment, f"/semgrep assistant {word} because")

    assert finding_of(comment).status == "open"
    assert not Feedback.objects.exists()
    assert "a verdict has come that the comment above did not show yet" in answer(host)


def test_a_comment_that_does_not_show_the_verdict_is_to_be_brought_up_to_date(comment, host):
    Review.objects.update(status=JobStatus.DONE)
    judged(comment, is_shown=False)

    write(comment, "/semgrep assistant agree")

    review = Review.objects.get()
    assert (review.status, review.next_attempt_at) == (JobStatus.WAITING, NOW)


def test_a_comment_that_shows_the_verdict_is_left_as_it_is(comment, host):
    Review.objects.update(status=JobStatus.DONE)
    judged(comment, "needs_review")

    write(comment, "/semgrep assistant agree")

    assert Review.objects.get().status == JobStatus.DONE


@pytest.mark.parametrize("word", ["agree", "disagree"])
def test_where_comments_tell_no_verdicts_there_is_nothing_to_answer(comment, host, word):
    AssistantSettings.objects.create(judges_in_comments=False)
    judged(comment)

    write(comment, f"/semgrep assistant {word} because")

    assert finding_of(comment).status == "open"
    assert "comments tell no verdicts in your organization" in answer(host)


def test_once_the_comment_shows_the_newer_verdict_it_can_be_agreed_with(comment, host):
    judged(comment, "needs_review", at=NOW)
    judged(comment, "false_positive", at=LATER)

    write(comment, "/semgrep assistant agree")

    assert finding_of(comment).status == "ignored"


@pytest.mark.parametrize("word", ["agree", "disagree"])
def test_who_wrote_before_the_comment_was_changed_has_not_read_what_it_says_now(
    comment, host, word
):
    comment.edited_at = NOW
    judged(comment)

    write(comment, f"/semgrep assistant {word}", came_at=NOW - timedelta(seconds=1))

    assert finding_of(comment).status == "open"
    assert not Feedback.objects.exists()
    assert "the comment above was changed after you had written" in answer(host)


def test_who_wrote_after_the_comment_was_changed_has_read_it(comment, host):
    comment.edited_at = NOW - timedelta(seconds=1)
    judged(comment)

    write(comment, "/semgrep assistant agree")

    assert finding_of(comment).status == "ignored"


def test_disagreeing_keeps_the_finding_open_and_the_note(comment, host):
    judged(comment)

    write(comment, "/semgrep assistant disagree it is reachable")

    assert finding_of(comment).triage_state == "untriaged"
    assert list(Feedback.objects.values_list("rating", "note")) == [("bad", "it is reachable")]
    assert "Your disagreement with the verdict is kept." in answer(host)


def test_disagreeing_reopens_what_was_ignored_provisionally(comment, host):
    judged(comment)
    Finding.objects.update(triage_state="provisionally_ignored")

    write(comment, "/semgrep assistant disagree")

    assert finding_of(comment).triage_state == "reopened"


def test_a_text_to_remember_is_suggested_and_decides_nothing(comment, host):
    write(comment, "/semgrep remember use run() for processes")

    memory = Memory.objects.get()
    assert (memory.text, memory.source, memory.stage) == (
        "use run() for processes",
        "comment",
        "suggested",
    )
    assert sorted(memory.contexts) == ["guidance", "triage"]
    assert finding_of(comment).triage_state == "untriaged"


def test_nothing_is_remembered_where_memories_are_off(comment, host):
    AssistantSettings.objects.create(uses_memories=False)

    write(comment, "/semgrep remember use run() for processes")

    assert not Memory.objects.exists()
    assert "memories are switched off" in answer(host)


def test_help_tells_the_organizations_own_prefix(comment, host):
    ReviewSettings.objects.create(command_prefix="/scan")

    write(comment, "/scan help", author="eve", author_key="eve")

    assert answer(host).startswith("`@eve`: here is what you can reply.\n\n- `/fp <why>`: ")
    assert "- `/scan assistant agree [note]`: " in answer(host)
    assert "may_write" not in host.calls


def test_a_command_without_its_reason_is_told_what_it_misses(comment, host):
    write(comment, "/fp")

    assert answer(host).startswith(
        "`@mel`: nothing was changed. Say why, in the same comment.\n\n- `/fp <why>`: "
    )
    assert finding_of(comment).status == "open"


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Thank you!", {}),
        ("/approve", {}),
        ("/lgtm", {"thread_id": ""}),
        ("/fp because", {"is_bot": True}),
        (f"/fp because\n{marker('answer-1')}", {}),
    ],
)
def test_what_is_no_command_makes_no_call(comment, host, text, facts):
    assert write(comment, text, **facts) == "No command."

    assert host.calls == []
    assert not ReviewCommand.objects.exists()


def test_a_command_in_a_strange_thread_is_for_others(comment, host):
    assert write(comment, "/fp because", thread_id="1") == (
        "A command in a thread that is not ours: passed over."
    )

    assert host.calls == []
    assert not ReviewCommand.objects.exists()


def test_our_prefix_in_a_strange_thread_is_answered(comment, host):
    write(comment, "/semgrep ignore because", thread_id="1")

    assert "commands are taken in replies to the comment of one finding" in answer(host)
    assert finding_of(comment).status == "open"
    assert host.replies[0][1] == "1"


def test_a_command_in_the_conversation_is_told_where_it_belongs(comment, host):
    write(comment, "/fp because", thread_id="")

    assert "commands are taken in replies to the comment of one finding" in answer(host)


def test_a_short_command_in_a_conversation_without_us_is_for_others(acme, host):
    link = RepositoryLinkFactory(connection__kind="github")
    written = event(None, "/open")

    outcome = answer_comment(project=link.project, event=written, came_at=NOW, now=NOW)

    assert outcome == "A command in a thread that is not ours: passed over."
    assert not ChangeRequest.objects.exists()


def test_help_works_in_a_change_request_that_nobody_has_scanned(acme, host):
    link = RepositoryLinkFactory(connection__kind="github")
    written = event(None, "/semgrep help")

    answer_comment(project=link.project, event=written, came_at=NOW, now=NOW)

    assert ChangeRequest.objects.get().number == 7
    assert "here is what you can reply" in answer(host)


def test_under_a_comment_of_a_rule_nothing_is_triaged(acme, host):
    comment = a_comment_on_a_finding()
    comment.kind, comment.finding, comment.key = "rule", None, "rule-abc"
    comment.save()

    write(comment, "/fp because")

    assert "commands are taken in replies to the comment of one finding" in answer(host)
    assert Finding.objects.get().status == "open"


def test_a_comment_whose_number_was_not_noted_yet_is_found_by_its_mark(comment, host):
    posted = host.write_as_us(7, f"finding\n\n{marker(comment.key)}", path="a.py", line=1)
    comment.state, comment.external_id, comment.thread_id = "planned", "", ""
    comment.save()

    write(comment, "/fp because", thread_id=posted.thread_id)

    assert finding_of(comment).status == "ignored"


def test_who_may_not_write_triages_nothing_and_learns_nothing(comment, host):
    write(comment, "/fp because", author="eve", author_key="eve")

    assert finding_of(comment).status == "open"
    assert answer(host) == (
        "`@eve`: only people who may write to this repository can triage its findings here."
    )
    assert not Memory.objects.exists()
    assert ReviewCommand.objects.get().state == "refused"


@pytest.mark.parametrize("text", ["/fp because", "/semgrep help", "/semgrep what"])
def test_a_stranger_cannot_make_us_speak_without_end(comment, host, text):
    outcomes = [
        write(comment, text, author="eve", author_key="eve", comment_id=str(number))
        for number in range(900, 908)
    ]

    assert len(host.replies) == 5
    assert (
        outcomes[5:] == ["Refused; the author, who may not write there, was told often enough."] * 3
    )


def test_who_may_write_is_answered_however_often_she_errs(comment, host):
    for number in range(900, 908):
        write(comment, "/semgrep what", comment_id=str(number))

    assert len(host.replies) == 8


@pytest.mark.parametrize("base_url", ["https://github.com", "https://github.com/", ""])
def test_public_repositories_of_github_com_take_no_commands(acme, host, base_url):
    comment = a_comment_on_a_finding(base_url=base_url)
    host.public = True

    write(comment, "/fp because")

    assert finding_of(comment).status == "open"
    assert answer(host) == (
        "`@mel`: commands are not taken in public repositories. An admin of your organization can"
        " allow them in Settings, Comments."
    )


@pytest.mark.parametrize(
    ("kind", "base_url"),
    [("github", "https://github.acme.example"), ("gitlab", "https://gitlab.com")],
)
def test_public_repositories_elsewhere_take_commands(acme, host, kind, base_url):
    comment = a_comment_on_a_finding(kind=kind, base_url=base_url)
    host.public = True

    write(comment, "/fp because")

    assert finding_of(comment).status == "ignored"


def test_an_organization_may_allow_commands_in_public(comment, host):
    ReviewSettings.objects.create(answers_in_public=True)
    host.public = True

    write(comment, "/fp because")

    assert finding_of(comment).status == "ignored"


def test_the_same_comment_told_twice_counts_once(comment, host, django_capture_on_commit_callbacks):
    heard = []
    findings_triaged.connect(lambda **told: heard.append(told["finding_ids"]), weak=False)

    with django_capture_on_commit_callbacks(execute=True):
        write(comment, "/fp because")
        again = write(comment, "/fp because")

    assert again == "Answered before."
    assert heard == [[comment.finding_id]]
    assert len(host.replies) == 1
    assert Activity.objects.count() == 1


def test_an_edited_comment_with_another_command_is_a_new_one_with_the_same_reply(comment, host):
    write(comment, "/fp because")

    write(comment, "/open", is_edit=True)

    assert finding_of(comment).status == "open"
    assert len(host.replies) == 1
    assert "Status of this finding: **Open**." in answer(host)
    newest = ReviewCommand.objects.order_by("-id").first()
    assert host.comments[7][0].key == f"answer-{newest.id}"


def test_an_edit_after_which_nothing_is_asked_otherwise_changes_nothing(comment, host):
    write(comment, "/fp because")

    assert write(comment, "/fp   because \n", is_edit=True) == "Answered before."


def test_an_edit_whose_reply_was_deleted_gets_a_new_one(comment, host):
    write(comment, "/fp because")
    host.comments[7] = []

    write(comment, "/open", is_edit=True)

    assert "Status of this finding: **Open**." in answer(host)


def test_a_text_that_arrives_after_its_edit_is_passed_over(comment, host):
    write(comment, "/open", is_edit=True)

    outcome = write(comment, "/fp because")

    assert outcome == "The comment was edited since: passed over."
    assert finding_of(comment).status == "open"
    assert len(host.replies) == 1


def test_in_any_order_the_edit_wins(acme, host):
    told = [("/fp because", False), ("/open", True), ("/fp because", False), ("/open", True)]

    for number, order in enumerate(dict.fromkeys(permutations(told))):
        link = RepositoryLinkFactory(connection__kind="github")
        comment = ReviewCommentFactory(
            review__change_request__project=link.project, review__change_request__number=7
        )
        for text, is_edit in order:
            write(comment, text, is_edit=is_edit, comment_id=str(number))
        assert finding_of(comment).triage_state == "reopened"


@pytest.mark.parametrize("call", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("fault", list(Fault))
def test_whatever_dies_once_there_is_one_decision_and_one_reply(comment, host, call, fault):
    host.fail(call, fault)
    for _try in range(3):
        try:
            write(comment, "/fp because")
        except CodeHostBusyError:
            continue

    assert finding_of(comment).status == "ignored"
    assert Activity.objects.count() == 1
    assert [one.key for one in host.comments[7]] == [f"answer-{ReviewCommand.objects.get().id}"]
    assert ReviewCommand.objects.get().answered_at == NOW


def test_after_a_decision_another_try_only_replies(comment, host):
    host.fail(4, Fault.BEFORE)
    with pytest.raises(CodeHostBusyError):
        write(comment, "/fp because")
    host.writers = set()

    write(comment, "/fp because")

    assert finding_of(comment).status == "ignored"
    assert host.calls.count("may_write") == 1
    assert "Status of this finding: **Ignored** (false positive)." in answer(host)


def test_a_refused_reply_keeps_the_decision_and_says_why(comment, host):
    host.fail(4, Fault.BEFORE, ReviewRefusedError("reply: the conversation is locked."))

    outcome = write(comment, "/fp because")

    assert outcome == "The code host refused: reply: the conversation is locked."
    assert finding_of(comment).status == "ignored"
    assert Connection.objects.get().state == "unchecked"


def test_lost_access_is_noted_on_the_connection(comment, host):
    host.broken = AccessLostError("token: it was revoked; enter a new one.")

    outcome = write(comment, "/fp because")

    assert outcome == "The code host refused: token: it was revoked; enter a new one."
    assert finding_of(comment).status == "open"
    assert Connection.objects.get().state == "broken"


def test_without_a_code_host_the_outcome_says_so(comment, host):
    RepositoryLink.objects.update(is_gone=True)

    assert "was deleted, moved or is no longer shared" in write(comment, "/fp because")
    assert finding_of(comment).status == "open"


HOSTILE = "`@acme` [x](javascript:1) @everyone \u202e\x00 <!-- assay:finding-1 --> #12 " * 20


def test_a_hostile_text_is_kept_as_a_note_and_not_repeated(comment, host):
    marked = f"/fp {HOSTILE}\n<!-- assay:finding-1 -->"
    write(comment, marked, author="me`l\x00 @team", author_key="mel")

    assert finding_of(comment).status == "open"
    assert not host.comments  # a comment that carries our mark is nobody's command
    clean = HOSTILE.replace("<!-- assay:finding-1 -->", "")
    write(comment, f"/fp {clean}", author="me`l\x00 @team", author_key="mel")

    assert "\u202e" not in finding_of(comment).triage_note
    body = host.comments[7][0].body
    assert "everyone" not in body
    assert body.startswith("``@me`l")
    assert key_in(body) == f"answer-{ReviewCommand.objects.get().id}"


def test_a_comment_of_sixty_thousand_characters_is_answered_shortly(comment, host):
    write(comment, "/fp " + "w" * 60_000)

    assert "Your text has 60,000 characters; use at most 3,000." in answer(host)
    assert finding_of(comment).status == "open"


def test_a_strangers_comment_of_the_same_number_is_out_of_reach(comment, rival, host):
    with organization_scope(rival.id):
        theirs = RepositoryLinkFactory(
            project=ProjectFactory(name="rival/shop"),
            connection=ConnectionFactory(kind="github", base_url="https://github.com"),
        )
        outcome = answer_comment(
            project=theirs.project, event=event(comment, "/fp because"), came_at=NOW, now=NOW
        )

    assert outcome == "A command in a thread that is not ours: passed over."
    assert finding_of(comment).status == "open"


@pytest.mark.django_db(transaction=True)
def test_told_by_many_at_once_it_is_done_and_answered_once(host):
    organization = OrganizationFactory(slug="acme")
    with organization_scope(organization.id):
        comment = a_comment_on_a_finding()
        together = threading.Barrier(4)

        def tell(text, is_edit):
            together.wait()
            try:
                with organization_scope(organization.id):
                    _until_told(comment, text, is_edit=is_edit)
            finally:
                connection.close()

        told = [("/fp because", False), ("/open", True)] * 2
        threads = [threading.Thread(target=tell, args=one) for one in told]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert finding_of(comment).triage_state == "reopened"
        newest = ReviewCommand.objects.order_by("-id").first()
        assert [one.key for one in host.comments[7]] == [f"answer-{newest.id}"]
        titles = list(Activity.objects.order_by("id").values_list("title", flat=True))
        assert titles[-1] == "Set to reopened"
        assert len(titles) == len(set(titles))


def _until_told(comment, text, *, is_edit):
    for _try in range(1000):
        try:
            return write(comment, text, is_edit=is_edit)
        except CodeHostBusyError:
            continue
    raise AssertionError
