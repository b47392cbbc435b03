"""Writing a remedy: one question, guidance, and fixes that wait for their proof."""

import json
from datetime import UTC, datetime

import pytest

from core.errors import NotFoundError
from findings.models import Activity, Conclusion, Confidence, Finding
from llm.models import AssistantSettings, ModelCall, Outcome
from llm.providers.base import Finish, ProviderError, ProviderReply, Retry
from llm.runner import ModelBusyError
from memories.models import MemoryUse
from remediation.announcements import guidance_written
from remediation.models import FixAttempt, FixStatus, Guidance, RemedyOrigin
from remediation.remedies import give_up_remedy, write_remedy
from remediation.selectors import latest_guidance, shown_fix
from tenants.scope import organization_scope
from tests.factories import MemoryFactory, ProjectFactory
from tests.integrations.repositories import commit_files
from tests.remediation.builders import CALL, CODE, IMPORT, a_fix, a_remedy

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def write(finding, *, is_fresh=False):
    write_remedy(finding_id=finding.pk, is_fresh=is_fresh, now=NOW)
    return latest_guidance(finding.pk)


def test_guidance_and_fixes_of_a_true_positive_are_stored_unproven(shop, script_model):
    finding = shop(CODE)
    provider = script_model(a_remedy())

    guidance = write(finding)

    assert guidance.summary == "Call `restart` with a list of arguments"
    assert (guidance.origin, guidance.unknown_names) == (RemedyOrigin.MODEL, [])
    assert guidance.model_call == ModelCall.objects.get(purpose="remedy")
    assert (len(guidance.content_hash), guidance.code_hash) == (64, finding.code_hash)
    attempt = FixAttempt.objects.get()
    assert attempt.edits == [IMPORT, CALL]
    assert (attempt.status, attempt.confidence) == (FixStatus.PROPOSED, Confidence.HIGH)
    assert (attempt.start_line, attempt.end_line, attempt.round) == (6, 6, 1)
    assert shown_fix(finding.pk) is None
    assert len(provider.requests) == 1


def test_the_writing_is_announced(shop, script_model, django_capture_on_commit_callbacks):
    finding, heard = shop(CODE), []
    script_model(a_remedy())

    def listen(finding_id, **_others):
        heard.append(finding_id)

    guidance_written.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            write(finding)
    finally:
        guidance_written.disconnect(listen)

    assert heard == [finding.pk]


@pytest.mark.parametrize("verdict", [Conclusion.NEEDS_REVIEW, Conclusion.FALSE_POSITIVE, ""])
def test_no_fix_is_asked_or_kept_for_what_is_not_a_true_positive(shop, script_model, verdict):
    finding = shop(CODE)
    Finding.objects.filter(pk=finding.pk).update(verdict=verdict)
    provider = script_model(a_remedy())

    assert write(finding).origin == RemedyOrigin.MODEL

    assert not FixAttempt.objects.exists()
    assert "Give guidance alone" in provider.requests[0].messages[1].text


def test_an_organization_that_wants_no_fixes_gets_guidance(shop, script_model):
    finding = shop(CODE)
    AssistantSettings.objects.create(fixes=False)
    script_model(a_remedy())

    assert write(finding) is not None
    assert not FixAttempt.objects.exists()


def test_only_as_many_candidates_as_asked_for_are_kept(shop, script_model, settings):
    settings.FIX_CANDIDATES = 2
    finding = shop(CODE)
    provider = script_model(a_remedy(fixes=[a_fix(), a_fix(CALL, confidence="low"), a_fix()]))

    write(finding)

    kept = FixAttempt.objects.order_by("rank").values_list("rank", "proposed_confidence")
    assert list(kept) == [(0, Confidence.HIGH), (1, Confidence.LOW)]
    assert "up to 2 different fixes" in provider.requests[0].messages[1].text


def test_writing_twice_asks_once_and_changes_nothing(shop, script_model):
    finding = shop(CODE)
    provider = script_model(a_remedy())

    first, second = write(finding), write(finding)

    assert first == second
    assert (Guidance.objects.count(), FixAttempt.objects.count()) == (1, 1)
    assert len(provider.requests) == 1


def test_an_equal_question_is_not_asked_twice_and_its_edits_are_proven_anew(shop, script_model):
    provider = script_model(a_remedy())
    write(shop(CODE))
    second = shop(CODE + "\n\nOTHER = 1\n", path="shop/service.py")

    guidance = write(second)

    assert guidance.origin == RemedyOrigin.REUSED
    copied = FixAttempt.objects.get(finding=second)
    assert (copied.origin, copied.status) == (RemedyOrigin.REUSED, FixStatus.PROPOSED)
    assert copied.edits == [IMPORT, CALL]
    assert copied.content_hash == guidance.content_hash
    assert len(provider.requests) == 1


def test_a_fresh_remedy_replaces_the_older_one(shop, script_model):
    finding = shop(CODE)
    script_model(a_remedy(), a_remedy(summary="Another way"))
    first = write(finding)
    FixAttempt.objects.update(status=FixStatus.PROVEN)

    second = write(finding, is_fresh=True)

    assert second.summary == "Another way"
    assert FixAttempt.objects.get(guidance=first).status == FixStatus.WITHDRAWN
    assert FixAttempt.objects.get(guidance=second).status == FixStatus.PROPOSED


def test_a_memory_changes_the_question_for_its_project_alone(shop, script_model):
    finding = shop(CODE)
    provider = script_model(a_remedy(), a_remedy(summary="Use the vault client"))
    MemoryFactory(project=ProjectFactory(), text="Use the other client.")
    assert write(finding).memory_ids == []
    memory = MemoryFactory(project=shop.project, text="Use our vault client.")

    guidance = write(finding)

    assert guidance.summary == "Use the vault client"
    assert guidance.memory_ids == [memory.pk]
    assert FixAttempt.objects.get(guidance=guidance).memory_ids == [memory.pk]
    assert "Use our vault client." in provider.requests[1].messages[1].text
    assert "other client" not in provider.requests[1].messages[1].text
    purposes = MemoryUse.objects.filter(memory=memory).values_list("purpose", flat=True)
    assert sorted(purposes) == ["fix", "guidance"]


def test_code_that_changed_takes_its_remedy_with_it(shop, script_model):
    finding = shop(CODE)
    script_model(a_remedy())
    write(finding)
    FixAttempt.objects.update(status=FixStatus.PROVEN)
    assert shown_fix(finding.pk) is not None

    Finding.objects.filter(pk=finding.pk).update(code_hash="c" * 64)

    assert latest_guidance(finding.pk) is None
    assert shown_fix(finding.pk) is None


def test_another_organization_reuses_nothing(shop, script_model, rival):
    finding = shop(CODE)
    script_model(a_remedy())
    write(finding)

    with organization_scope(rival.id):
        assert latest_guidance(finding.pk) is None
        with pytest.raises(NotFoundError):
            write_remedy(finding_id=finding.pk, is_fresh=False, now=NOW)


def test_a_busy_model_is_for_the_pipeline_to_try_again(shop, script_model):
    finding = shop(CODE)
    script_model(ProviderError(outcome=Outcome.RATE_LIMITED, detail="Wait.", retry=Retry.LATER))

    with pytest.raises(ModelBusyError):
        write_remedy(finding_id=finding.pk, is_fresh=False, now=NOW)

    assert not Guidance.objects.exists()


@pytest.mark.parametrize(
    ("fixes", "problem"),
    [
        ("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", "The model gave a diff in place of edits."),
        ("Use subprocess.", "The model gave text in place of edits."),
        ([{"diff": "@@ -1 +1 @@"}], "The model gave a diff in place of edits."),
        (
            [{"edits": [{"search": "x"}], "confidence": "high"}],
            "The fix has not the shape that was asked for: edits.0.replace: Field required.",
        ),
        ([{"edits": [], "confidence": "high"}], ""),
    ],
)
def test_fixes_of_another_shape_cost_no_guidance(shop, script_model, fixes, problem):
    finding = shop(CODE)
    provider = script_model(a_remedy(fixes=fixes))

    assert write(finding).origin == RemedyOrigin.MODEL

    attempt = FixAttempt.objects.get()
    assert (attempt.edits, attempt.detail, attempt.status) == ([], problem, FixStatus.PROPOSED)
    assert len(provider.requests) == 1


@pytest.mark.parametrize(
    "replies",
    [
        ("Just use subprocess.", "I said: use subprocess."),
        ("```python\nprint()\n```", "```diff\n- a\n+ b\n```"),
        (ProviderReply(text="", finish=Finish.REFUSED),),
        (ProviderReply(text="{", finish=Finish.TRUNCATED),),
    ],
)
def test_an_answer_that_is_none_leaves_the_rules_words_and_a_failed_attempt(
    shop, script_model, replies
):
    finding = shop(CODE)
    script_model(*replies)

    guidance = write(finding)

    assert guidance.origin == RemedyOrigin.RULE
    assert guidance.left_out[0].startswith("The model gave no usable answer")
    attempt = FixAttempt.objects.get()
    assert (attempt.edits, attempt.origin) == ([], RemedyOrigin.MODEL)
    assert attempt.detail.startswith("The model gave no usable answer")


def test_a_failed_second_asking_keeps_the_better_guidance_and_says_so_once(shop, script_model):
    finding = shop(CODE)
    script_model(a_remedy(), "no", "no", "no", "no")
    first = write(finding)

    write(finding, is_fresh=True)
    second = write(finding, is_fresh=True)

    assert second == first
    notes = Activity.objects.filter(finding=finding, kind="NOTE")
    assert [note.title.split(".")[0] for note in notes] == ["New guidance could not be had"]


def test_a_model_that_writes_down_its_instructions_is_not_shown(shop, script_model):
    finding = shop(CODE)
    provider = script_model(a_remedy())
    write(finding)
    system = provider.requests[0].messages[0].text
    script_model(a_remedy(instructions=system[:3000]))
    Guidance.objects.all().delete()

    guidance = write(finding, is_fresh=True)

    assert guidance.origin == RemedyOrigin.RULE
    assert "Edits are made by a program" not in guidance.instructions


def test_inventions_are_flagged_and_lose_their_numbers(shop, script_model):
    finding = shop(CODE)
    told = (
        "1. `pip install shellguard==2.3.1`, beside flask==3.0.2.\n\n```python\nimport leftpad\n```"
    )
    script_model(a_remedy(instructions=told))

    guidance = write(finding)

    assert guidance.unknown_names == ["leftpad", "shellguard", "version 2.3.1"]
    assert "shellguard==<version>" in guidance.instructions
    assert "flask==3.0.2" in guidance.instructions


def test_secrets_of_the_file_reach_neither_model_nor_guidance(shop, script_model):
    key = "AKIAQ3EGTLM5XYZW7ABC"
    finding = shop(CODE.replace("import os\n", f'import os\nAWS_KEY = "{key}"\n'))
    provider = script_model(a_remedy(instructions=f"1. Remove {key}."))

    guidance = write(finding)

    assert key not in json.dumps([m.text for m in provider.requests[0].messages])
    assert key not in guidance.instructions


def test_code_out_of_reach_leaves_the_rules_words_and_no_fix(shop, script_model):
    finding = shop(CODE)
    commit_files(shop.folder, {"shop/other.py": "x = 1\n"})
    finding.instances.get().last_scan.__class__.objects.update(commit="d" * 40)
    provider = script_model()

    guidance = write(finding)

    assert guidance.origin == RemedyOrigin.RULE
    assert guidance.left_out[0].startswith("The code could not be read.")
    assert (provider.requests, FixAttempt.objects.count()) == ([], 0)
    assert write(finding) == guidance


def test_a_file_that_became_too_short_is_not_asked_about(shop, script_model):
    finding = shop(CODE)
    Finding.objects.filter(pk=finding.pk).update(start_line=90, end_line=90)
    provider = script_model()

    assert "it changed" in write(finding).left_out[0]
    assert provider.requests == []


def test_giving_up_keeps_the_rules_words_and_the_reason(shop):
    finding = shop(CODE)

    give_up_remedy(finding_id=finding.pk, reason="Tried six times.", now=NOW)
    give_up_remedy(finding_id=finding.pk, reason="Tried six times.", now=NOW)

    guidance = Guidance.objects.get()
    assert (guidance.origin, guidance.left_out) == (RemedyOrigin.RULE, ["Tried six times."])


def test_a_rules_own_fix_is_proposed_and_the_model_is_asked_for_none(shop, script_model):
    rule = shop.add_rule("acme.own", pattern="os.system($X)", fix="subprocess.run([$X])")
    finding = shop(CODE, rule=rule)
    provider = script_model(a_remedy())

    write(finding)

    attempt = FixAttempt.objects.get()
    assert (attempt.origin, attempt.edits) == (RemedyOrigin.RULE, [])
    assert attempt.proposed_confidence == Confidence.HIGH
    assert "Give guidance alone" in provider.requests[0].messages[1].text
