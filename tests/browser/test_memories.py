"""An admin's way through the Memories page, in a real browser."""

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from memories.models import Memory, MemorySource, MemoryStage, MemoryUse
from tests.browser.pages import look_at, sign_in
from tests.factories import MemoryFactory
from triage.models import AnalysisRequest, AnalysisStatus, MemoryPreview


def address(name, *rest):
    return reverse(name, args=["acme", *rest])


def test_a_memory_is_written_deleted_and_restored(house, visit):
    page = visit()
    sign_in(page)
    page.get_by_role("link", name="Memories").click()
    page.get_by_role("link", name="Add memory").first.click()
    page.get_by_label("Memory", exact=True).fill("Keys come from vault.client.read().")
    page.get_by_label("Project").fill("acme/none")
    page.get_by_role("button", name="Add memory").click()
    expect(page.get_by_text("There is no project “acme/none”")).to_be_visible()
    expect(page.get_by_label("Memory", exact=True)).to_have_value(
        "Keys come from vault.client.read()."
    )
    page.get_by_label("Project").fill("acme/shop")
    page.get_by_role("button", name="Add memory").click()
    card = page.locator(".memory", has_text="Keys come from vault.client.read().")
    expect(card).to_contain_text("All rules in project acme/shop")

    card.get_by_role("button", name="Delete").click()
    page.locator("dialog[open]").get_by_role("button", name="Delete").click()

    expect(card).to_have_count(0)
    page.get_by_role("link", name="Deleted").click()
    card.get_by_role("button", name="Restore").click()
    expect(card.get_by_role("link", name="Edit")).to_be_visible()
    assert Memory.objects.get(text__startswith="Keys come").stage == MemoryStage.LIVE


def test_a_note_is_remembered_while_a_finding_is_ignored(house, visit):
    page = visit()
    sign_in(page)
    page.goto(address("console:finding", house["new"].id))
    decision = page.locator("#decision")
    expect(decision.get_by_label("Remember this note")).to_be_hidden()
    decision.get_by_text("Ignored", exact=True).click()
    decision.get_by_label("Comment").fill("The page is for admins only.")
    decision.get_by_label("Remember this note").check()

    decision.get_by_role("button", name="Save").click()

    expect(page.locator("#toasts")).to_contain_text("The note is remembered.")
    memory = Memory.objects.get(source=MemorySource.IGNORE_NOTE)
    assert (memory.text, memory.stage) == ("The page is for admins only.", MemoryStage.LIVE)


def test_the_memories_pages_are_accessible_at_every_size(house, visit, script_model):
    script_model()
    memories = _memories(house)
    page = visit()
    sign_in(page)
    page.goto(address("memories:memories"))
    look_at(page, "memories")
    page.goto(address("memories:memories") + "?stage=suggested&q=nothing")
    look_at(page, "memories-none")
    page.goto(address("memories:edit", memories[0].id))
    page.get_by_label("Rule").fill("no.such.rule")
    page.get_by_label("Folder or file").fill("../etc")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("There is no rule")).to_be_visible()
    expect(page.get_by_text("Give a path inside the repository")).to_be_visible()
    look_at(page, "memory-edit")
    page.goto(address("triage:memory-preview", memories[0].id))
    look_at(page, "memory-preview")
    page.goto(address("triage:memory-preview", memories[1].id))
    expect(page.get_by_text("1 of 3 judged")).to_be_visible()
    look_at(page, "memory-preview-running")
    page.goto(address("triage:apply-memory", memories[0].id))
    look_at(page, "memory-apply")
    page.get_by_role("button", name="Apply to").click()
    expect(page.locator("#toasts")).to_contain_text("being analyzed with this memory")
    assert AnalysisRequest.objects.exists()


def _memories(house):
    real = house["real"]
    first = MemoryFactory(
        text="orders.column() looks a name up in SORTABLE and never returns what a user typed.\n"
        "Values are bound by connection.execute(sql, values).",
        project=real.project, check_id=real.rule.check_id, path_prefix="app", finding=real,
        source=MemorySource.IGNORE_NOTE, author_label="Mel",
    )  # fmt: skip
    MemoryUse.objects.create(memory=first, finding=real, purpose="verdict")
    second = MemoryFactory(text="A" * 300, vulnerability_class="Cross-Site-Scripting (XSS)")
    MemoryFactory(text="Waits.", stage=MemoryStage.SUGGESTED)
    names = ("real", "safe", "doubt")
    results = [
        {"finding_id": house[name].id, "before": house[name].verdict or "needs_review",
         "after": "", "reason": "", "problem": ""}
        for name in names
    ]  # fmt: skip
    results[0] |= {"after": "false_positive", "reason": "The note says that `column` is looked up."}
    MemoryPreview.objects.create(
        memory=second, memory_text=second.text, total=3, results=[dict(one) for one in results],
        status=AnalysisStatus.RUNNING,
    )  # fmt: skip
    results[1] |= {"after": results[1]["before"], "reason": "As before."}
    results[2] |= {"problem": "The code could not be read: there is no app/x.py."}
    MemoryPreview.objects.create(
        memory=first, memory_text="An older text.", total=3, results=results,
        status=AnalysisStatus.DONE, created_at=timezone.now(),
    )  # fmt: skip
    return [first, second]


def test_a_memory_is_deleted_after_a_question_without_scripts(house, visit, live_server):
    memory = _memories(house)[0]
    page = visit()
    sign_in(page)
    session = page.context.storage_state()
    plain = page.context.browser.new_context(java_script_enabled=False, storage_state=session)
    page = plain.new_page()
    page.goto(live_server.url + address("memories:memories"))

    page.get_by_role("button", name=f"Delete memory {memory.id}").click()
    dialog = page.get_by_role("dialog", name="Delete this memory?")
    dialog.get_by_role("button", name="Delete", exact=True).click()

    expect(page.get_by_text("Under Deleted it can be restored.")).to_be_visible()
    plain.close()
    memory.refresh_from_db()
    assert memory.stage == MemoryStage.DELETED
