"""The page Memories."""

from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from memories.models import Memory, MemoryStage, MemoryUse
from tests.factories import (
    FindingFactory,
    MemoryFactory,
    ProjectFactory,
    ReportedRuleFactory,
    RuleFactory,
)

GOOD = {"text": "Use our vault client.", "contexts": ["triage", "guidance"]}


def address(name, *rest):
    return reverse(f"memories:{name}", args=["acme", *rest])


def page_of(client, **query):
    return client.get(address("memories"), query).content.decode()


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def test_the_page_tells_what_where_who_and_how_often(as_ada, ada):
    finding = FindingFactory(project=ProjectFactory(name="acme/shop"))
    memory = MemoryFactory(
        text="<b>Use</b> the vault.",
        project=finding.project,
        check_id="acme.sql",
        path_prefix="src",
        author=ada,
        finding=finding,
        source="ignore_note",
    )
    MemoryUse.objects.create(memory=memory, finding=finding, purpose="verdict")

    body = page_of(as_ada)

    for part in (
        "&lt;b&gt;Use&lt;/b&gt; the vault.",
        "Rule acme.sql in project acme/shop, files under src",
        "Guidance and fixes",
        "From the note of an ignored finding",
        f"/orgs/acme/findings/{finding.id}",
        "Influenced 1 finding</a>",
        f"?status=all&amp;memory={memory.id}",
    ):
        assert part in body


def test_stages_have_tabs_with_counts(as_ada):
    MemoryFactory(text="One that lives.")
    for _ in range(2):
        MemoryFactory(text="One that waits.", stage=MemoryStage.SUGGESTED)

    live, suggested = page_of(as_ada), page_of(as_ada, stage="suggested")

    assert 'Suggested <span class="count">2</span>' in live
    assert "One that lives." in live
    assert "One that waits." not in live
    assert "One that waits." in suggested


def test_a_search_keeps_the_stage(as_ada):
    MemoryFactory(text="Vault.", stage=MemoryStage.SUGGESTED)
    MemoryFactory(text="Other.", stage=MemoryStage.SUGGESTED)

    body = page_of(as_ada, stage="suggested", q="vault")

    assert "Vault." in body
    assert "Other." not in body
    assert "No memory matches" in page_of(as_ada, stage="suggested", q="nothing\0such")


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_an_odd_place_in_the_list_is_its_beginning(as_ada, before):
    MemoryFactory(text="Here.")

    assert "Here." in page_of(as_ada, before=before, stage="nonsense")


def test_older_memories_are_a_page_away(as_ada):
    for number in range(21):
        MemoryFactory(text=f"Number {number:02}.")

    first = page_of(as_ada)
    oldest = Memory.objects.order_by("id")[1].id

    assert f"?stage=live&amp;before={oldest}" in first
    assert "Number 00." not in first
    assert "Number 00." in page_of(as_ada, before=oldest)


def test_an_empty_page_says_what_to_write(as_ada):
    assert "Nothing is remembered yet" in page_of(as_ada)
    assert "Nothing is suggested" in page_of(as_ada, stage="suggested")
    assert "Nothing is deleted" in page_of(as_ada, stage="deleted")


def test_offline_the_page_says_that_none_is_read(as_ada, settings):
    settings.ASSISTANT_PROVIDER = "offline"

    assert "they read no memories" in page_of(as_ada)


def test_more_memories_take_no_more_queries(as_ada, django_assert_num_queries):
    def make(number):
        for _ in range(number):
            finding = FindingFactory()
            memory = MemoryFactory(finding=finding, project=finding.project)
            MemoryUse.objects.create(memory=memory, finding=finding, purpose="verdict")

    make(2)
    with CaptureQueriesContext(connection) as few:
        page_of(as_ada)
    make(10)
    with django_assert_num_queries(len(few)):
        page_of(as_ada)


def test_an_admins_memory_is_live_at_once(as_ada, ada):
    ProjectFactory(name="acme/shop")
    ReportedRuleFactory(check_id="acme.sql")

    response = as_ada.post(
        address("add"),
        {**GOOD, "project": "acme/shop", "check_id": "acme.sql", "path_prefix": "/src/"},
    )

    memory = Memory.objects.get()
    assert response.url == f"{address('memories')}?stage=live"
    assert (memory.stage, memory.author) == (MemoryStage.LIVE, ada)
    assert (memory.project.name, memory.check_id, memory.path_prefix) == (
        "acme/shop", "acme.sql", "src",
    )  # fmt: skip


def test_a_members_memory_is_suggested(client, mel):
    client.force_login(mel)

    response = client.post(address("add"), GOOD)

    assert response.url == f"{address('memories')}?stage=suggested"
    assert Memory.objects.get().stage == MemoryStage.SUGGESTED


def test_a_rule_that_never_matched_may_be_named(as_ada):
    RuleFactory(path="acme.new")

    as_ada.post(address("add"), {**GOOD, "check_id": "acme.new"})

    assert Memory.objects.get().check_id == "acme.new"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"text": "x" * 2001}, "2001 characters are too long; use at most 2000."),
        ({"text": "a\0b"}, "Null characters are not allowed."),
        ({"text": " "}, "Write what is to be remembered."),
        ({"project": "acme/none"}, "There is no project “acme/none”"),
        ({"check_id": "acme.none"}, "There is no rule “acme.none”"),
        ({"path_prefix": "src/../../etc"}, "without `..`"),
        ({"path_prefix": "a" * 501}, "501 characters are too long"),
        ({"contexts": []}, "Choose triage, guidance and fixes, or both."),
        ({"contexts": ["everything"]}, "everything is not one of the available choices"),
        ({"vulnerability_class": "x" * 201}, "at most 200 characters"),
    ],
)
def test_bad_input_is_named_and_nothing_typed_is_lost(as_ada, values, words):
    sent = {**GOOD, "vulnerability_class": "Typed <class>", **values}

    response = as_ada.post(address("add"), sent)

    body = response.content.decode()
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert words in body
    assert sent["text"].strip()[:1000].replace("\0", "") in body.replace("\0", "")
    assert "Typed &lt;class&gt;" in body or "x" * 201 in body
    assert not Memory.objects.exists()


def test_a_form_without_any_field_is_answered(as_ada):
    response = as_ada.post(address("add"), {})

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_a_memory_is_edited_where_it_stands(as_ada):
    memory = MemoryFactory(text="Old.", contexts=["guidance"], path_prefix="src")
    form = as_ada.get(address("edit", memory.id)).content.decode()
    assert "Old.</textarea>" in form
    assert 'value="src"' in form

    as_ada.post(address("edit", memory.id), {"text": "New.", "contexts": ["triage"]})

    memory.refresh_from_db()
    assert (memory.text, memory.contexts, memory.path_prefix) == ("New.", ["triage"], "")


def test_a_deleted_memory_can_be_restored(as_ada):
    memory = MemoryFactory(activated_at="2026-11-22T09:00Z")

    said = as_ada.post(address("delete", memory.id), follow=True).content.decode()
    assert "Under Deleted it can be restored." in said
    assert "Restore" in page_of(as_ada, stage="deleted")
    as_ada.post(address("restore", memory.id))

    memory.refresh_from_db()
    assert memory.stage == MemoryStage.LIVE


def test_a_suggestion_is_made_live(as_ada):
    memory = MemoryFactory(stage=MemoryStage.SUGGESTED)

    as_ada.post(address("activate", memory.id))

    memory.refresh_from_db()
    assert memory.stage == MemoryStage.LIVE


def test_a_link_to_a_memory_leads_to_its_tab(as_ada):
    memory = MemoryFactory(stage=MemoryStage.SUGGESTED, text="This one.")
    MemoryFactory(stage=MemoryStage.SUGGESTED)

    response = as_ada.get(address("memory", memory.id))

    assert response.url.endswith(f"?stage=suggested&before={memory.id + 1}#memory-{memory.id}")
    assert "This one." in as_ada.get(response.url.partition("#")[0]).content.decode()


@pytest.mark.parametrize("name", ["edit", "activate", "delete", "restore"])
def test_members_change_no_memory(client, mel, name):
    memory = MemoryFactory(stage=MemoryStage.SUGGESTED)
    client.force_login(mel)

    response = client.post(address(name, memory.id), GOOD)

    assert response.status_code == HTTPStatus.FORBIDDEN
    memory.refresh_from_db()
    assert memory.stage == MemoryStage.SUGGESTED


def test_read_only_members_see_and_write_nothing(client, vic):
    MemoryFactory(text="Seen.")
    client.force_login(vic)

    body = page_of(client)

    assert "Seen." in body
    for word in ("Edit", "Delete<", "Suggest memory", "Add memory", "Apply to existing"):
        assert word not in body
    assert client.post(address("add"), GOOD).status_code == HTTPStatus.FORBIDDEN
    assert client.get(address("add")).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("name", ["activate", "delete", "restore"])
def test_changes_are_not_links(as_ada, name):
    memory = MemoryFactory()

    assert as_ada.get(address(name, memory.id)).status_code == HTTPStatus.METHOD_NOT_ALLOWED
