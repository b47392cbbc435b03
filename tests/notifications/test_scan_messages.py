"""What is written down after scans, verdicts and decisions: who hears of what, each thing once."""

import pytest

from findings.models import Finding, Ref, ScanKind, ScanProblem, ScanStatus, Upload
from llm.models import AssistantSettings
from notifications.deliveries import want_deliveries
from notifications.models import Delivery, OutgoingWebhook, Subscription, ToldScan
from notifications.scan_messages import (
    MOST_A_CALL,
    MOST_NAMED,
    after_decisions,
    after_scan,
    after_verdict,
    untold_scans,
)
from tenants.jobs import JobStatus, claim
from tenants.scope import organization_scope
from tests.factories import (
    FindingFactory,
    InstanceFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    ScanFactory,
    SlackWorkspaceFactory,
    SubscriptionFactory,
    VerdictFactory,
)
from tests.notifications.scene import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(acme):
    return ProjectFactory(name="acme/shop", tags=["team-red", "payments"])


@pytest.fixture
def scan(shop):
    """A scan of a change request that is over."""
    return scan_of(shop, "refs/pull/7/merge", kind=ScanKind.DIFF, change_request="7")


def scan_of(project, branch, **facts):
    ref = Ref.objects.filter(project=project, name=branch).first()
    return ScanFactory(
        **{
            "ref": ref or RefFactory(project=project, name=branch),
            "status": ScanStatus.COMPLETED,
            "started_at": NOW,
            "ingested_at": NOW,
            "completed_at": NOW,
            **facts,
        }
    )


def find(scan, **facts):
    """Let a scan be the first to report a finding."""
    finding = FindingFactory(
        **{"project": scan.project, "ref": scan.ref, "first_scan": scan, **facts}
    )
    InstanceFactory(finding=finding, last_scan=scan)
    return finding


def channel(name="C1", **facts):
    workspace = facts.pop("workspace", None) or SlackWorkspaceFactory()
    return SubscriptionFactory(
        channel="slack",
        address="",
        workspace=workspace,
        slack_channel_id=name,
        slack_channel_name=name.lower(),
        **facts,
    )


def tell(scan):
    after_scan(scan_id=scan.pk, now=NOW)


def told(**kinds):
    """Return which findings are told of to whom, of messages of a kind."""
    rows = Delivery.objects.filter(**{"kind": "scan", **kinds}).order_by("id")
    return {row.recipient: row.facts.get("finding_ids") for row in rows}


def test_new_findings_of_a_change_request_are_told_once(scan):
    SubscriptionFactory(address="team@acme.example")
    low = find(scan, severity=0)
    high = find(scan, severity=2)

    tell(scan)
    tell(scan)

    row = Delivery.objects.get()
    assert (row.kind, row.channel, row.recipient) == ("scan", "mail", "team@acme.example")
    assert row.facts == {"finding_ids": [high.pk, low.pk], "count": 2}
    assert (row.scan_id, row.next_attempt_at) == (scan.pk, NOW)


def test_a_later_scan_of_the_change_request_tells_only_what_is_new_since(scan, shop):
    SubscriptionFactory()
    find(scan)
    tell(scan)
    later = scan_of(shop, scan.ref.name, kind=ScanKind.DIFF, change_request="7")
    new = find(later)

    tell(later)

    assert [row.facts["finding_ids"] for row in Delivery.objects.order_by("id")][1] == [new.pk]


def test_a_scan_without_new_findings_is_not_told(scan):
    SubscriptionFactory()

    tell(scan)

    assert not Delivery.objects.exists()


def test_findings_of_the_primary_branch_are_never_told(shop):
    SubscriptionFactory()
    main = scan_of(shop, "main")
    find(main)

    tell(main)

    assert not Delivery.objects.exists()


def test_a_full_scan_of_another_branch_is_told(shop):
    SubscriptionFactory(address="team@acme.example")
    finding = find(scan_of(shop, "release"))

    tell(finding.first_scan)

    assert told() == {"team@acme.example": [finding.pk]}


def test_what_has_meanwhile_come_to_the_primary_branch_is_not_told(scan, shop):
    SubscriptionFactory()
    finding = find(scan)
    main = scan_of(shop, "main")
    InstanceFactory(finding=finding, ref=main.ref, last_scan=main)

    tell(scan)

    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "facts",
    [
        {"triage_state": "ignored"},
        {"triage_state": "provisionally_ignored"},
        {"state": "muted"},
        {"state": "fixed"},
        {"state": "removed"},
    ],
)
def test_what_is_closed_already_is_not_told(scan, facts):
    SubscriptionFactory()
    find(scan, **facts)

    tell(scan)

    assert not Delivery.objects.exists()


def test_only_those_hear_whose_scope_the_project_is_in(scan, shop):
    other = ProjectFactory(name="acme/blog", tags=["team-blue"])
    SubscriptionFactory(address="all@acme.example")
    SubscriptionFactory(address="shop@acme.example", project=shop)
    SubscriptionFactory(address="red@acme.example", tag="team-red")
    SubscriptionFactory(address="blog@acme.example", project=other)
    SubscriptionFactory(address="blue@acme.example", tag="team-blue")
    find(scan)

    tell(scan)

    assert set(told()) == {"all@acme.example", "shop@acme.example", "red@acme.example"}


def test_only_those_hear_who_ask_for_scans(scan):
    SubscriptionFactory(tells_scans=False, tells_failed_scans=True)
    find(scan)

    tell(scan)

    assert not Delivery.objects.exists()


def test_products_and_modes_choose_the_findings(scan):
    scan.served_modes = {"acme.block": "block", "acme.comment": "comment"}
    scan.save()
    blocking = find(scan, rule=ReportedRuleFactory(check_id="acme.block"))
    commented = find(scan, rule=ReportedRuleFactory(check_id="acme.comment"))
    unknown = find(scan, rule=ReportedRuleFactory(check_id="acme.other"))
    secret = find(scan, rule=ReportedRuleFactory(check_id="acme.block-2"), product="secrets")
    SubscriptionFactory(address="block@acme.example", modes=["block"])
    SubscriptionFactory(address="some@acme.example", modes=["block", "comment"])
    SubscriptionFactory(address="code@acme.example", products=["sast"], modes=["monitor"])
    SubscriptionFactory(address="secrets@acme.example", products=["secrets"])
    SubscriptionFactory(address="none@acme.example", products=["sca"])

    tell(scan)

    assert told() == {
        "block@acme.example": [blocking.pk],
        "some@acme.example": [blocking.pk, commented.pk],
        "code@acme.example": [unknown.pk],
        "secrets@acme.example": [secret.pk],
    }


def test_two_subscriptions_of_one_channel_are_one_message_with_what_both_ask_for(scan, shop):
    workspace = SlackWorkspaceFactory()
    channel("C1", workspace=workspace, products=["secrets"])
    channel("C1", workspace=workspace, project=shop, products=["sast"])
    channel("C2", workspace=workspace)
    code = find(scan, severity=2)
    secret = find(scan, severity=3, product="secrets")

    tell(scan)

    assert told() == {"#c1": [secret.pk, code.pk], "#c2": [secret.pk, code.pk]}


def test_addresses_that_differ_in_case_are_one(scan, shop):
    SubscriptionFactory(address="Team@acme.example")
    SubscriptionFactory(address="team@acme.example", project=shop)
    find(scan)

    tell(scan)

    assert Delivery.objects.count() == 1


def test_a_message_names_the_worst_and_counts_the_rest(scan):
    SubscriptionFactory()
    rule, file = ReportedRuleFactory(), find(scan).file
    for number in range(MOST_NAMED):
        FindingFactory(
            project=scan.project, ref=scan.ref, first_scan=scan, rule=rule, file=file,
            start_line=20 + number,
        )  # fmt: skip

    tell(scan)

    facts = Delivery.objects.get().facts
    assert (len(facts["finding_ids"]), facts["count"]) == (MOST_NAMED, MOST_NAMED + 1)


def test_a_scan_that_is_not_over_is_told_when_it_is(scan):
    SubscriptionFactory()
    find(scan)
    scan.completed_at, scan.status = None, ScanStatus.RUNNING
    scan.save()
    tell(scan)
    assert not Delivery.objects.exists()
    assert not ToldScan.objects.exists()

    scan.completed_at, scan.status = NOW, ScanStatus.COMPLETED
    scan.save()
    tell(scan)

    assert Delivery.objects.count() == 1


def test_a_scan_with_a_report_that_is_yet_to_be_read_waits_for_it(scan):
    SubscriptionFactory()
    upload = Upload.objects.create(
        scan=scan, format="semgrep_ci", body=b"x", sha256="a" * 64, size_bytes=1
    )
    tell(scan)
    assert not ToldScan.objects.exists()

    find(scan)
    Upload.objects.filter(pk=upload.pk).update(status="ingested")
    tell(scan)

    assert Delivery.objects.count() == 1


def test_a_failed_scan_is_told_to_those_who_ask_for_it(shop):
    SubscriptionFactory(address="ops@acme.example", tells_failed_scans=True)
    SubscriptionFactory(address="team@acme.example")
    broken = scan_of(shop, "main", status=ScanStatus.ERROR, ingested_at=None, completed_at=None)

    tell(broken)
    tell(broken)

    row = Delivery.objects.get()
    assert (row.kind, row.recipient) == ("failed_scan", "ops@acme.example")
    assert row.scan_id == broken.pk


def test_a_report_that_was_refused_is_a_failed_scan(shop):
    SubscriptionFactory(tells_failed_scans=True)
    refused = scan_of(shop, "main", ingested_at=None)
    ScanProblem.objects.create(scan=refused, kind="refused_upload", detail="$.results: …")

    tell(refused)

    assert Delivery.objects.get().kind == "failed_scan"


def test_a_scan_that_broke_after_its_report_tells_both(scan):
    SubscriptionFactory(tells_failed_scans=True)
    scan.status, scan.completed_at = ScanStatus.ERROR, None
    scan.save()
    find(scan)

    tell(scan)

    assert set(Delivery.objects.values_list("kind", flat=True)) == {"failed_scan", "scan"}


def test_a_scan_that_ends_after_it_was_given_up_is_told_as_well(scan):
    SubscriptionFactory(tells_failed_scans=True)
    scan.status, scan.completed_at, scan.ingested_at = ScanStatus.NEVER_FINISHED, None, None
    scan.save()
    tell(scan)
    find(scan)
    scan.status, scan.completed_at, scan.ingested_at = ScanStatus.COMPLETED, NOW, NOW
    scan.save()

    tell(scan)

    kinds = list(Delivery.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["failed_scan", "scan"]


def test_webhooks_hear_of_every_scan_and_of_new_findings_in_bites(scan, shop):
    hook = OutgoingWebhook.objects.create(name="Lake", url="https://lake.example/in")
    rule, file = ReportedRuleFactory(), find(scan).file
    for number in range(MOST_A_CALL):
        FindingFactory(
            project=shop, ref=scan.ref, first_scan=scan, rule=rule, file=file,
            start_line=20 + number,
        )  # fmt: skip
    main = scan_of(shop, "main")

    tell(scan)
    tell(main)

    rows = Delivery.objects.filter(webhook=hook).order_by("id")
    assert [(row.kind, row.key) for row in rows] == [
        ("scan", f"scan:{scan.pk}:webhook:{hook.pk}"),
        ("findings", f"findings:{scan.pk}:0:webhook:{hook.pk}"),
        ("findings", f"findings:{scan.pk}:1:webhook:{hook.pk}"),
        ("scan", f"scan:{main.pk}:webhook:{hook.pk}"),
    ]
    assert [len(row.facts["finding_ids"]) for row in rows[1:3]] == [MOST_A_CALL, 1]


def test_webhooks_that_are_paused_or_ask_for_other_things_are_not_called(scan):
    make = OutgoingWebhook.objects.create
    make(name="Paused", url="https://a.example", state="paused")
    make(name="Failing", url="https://b.example", state="failing")
    make(name="Other", url="https://c.example", tag="team-blue")
    make(name="Scans", url="https://d.example", sends_findings=False)
    make(name="Findings", url="https://e.example", sends_scans=False, tag="team-red")
    find(scan)

    tell(scan)

    rows = Delivery.objects.order_by("id").values_list("recipient", "kind")
    assert list(rows) == [("Scans", "scan"), ("Findings", "findings")]


def test_the_sweep_finds_scans_whose_announcement_was_lost(scan, shop):
    running = scan_of(shop, "main", completed_at=None, status=ScanStatus.RUNNING)
    broken = scan_of(shop, "main", completed_at=None, status=ScanStatus.NEVER_FINISHED)
    told_already = scan_of(shop, "main")
    tell(told_already)

    found = untold_scans(now=NOW)

    assert found == [scan.pk, broken.pk]
    assert running.pk not in found


def test_a_scan_of_another_organization_is_not_there(scan, rival):
    from_elsewhere = scan.pk

    with organization_scope(rival.id):
        after_scan(scan_id=from_elsewhere, now=NOW)
        assert not ToldScan.objects.exists()


def test_telling_takes_a_bounded_number_of_queries(scan, django_assert_max_num_queries):
    for number in range(8):
        SubscriptionFactory(address=f"team-{number}@acme.example")
    for _ in range(5):
        find(scan)

    with django_assert_max_num_queries(30):
        tell(scan)


# Verdicts


def judge(finding, conclusion="false_positive"):
    VerdictFactory(finding=finding, conclusion=conclusion)
    after_verdict(finding_id=finding.pk, now=NOW)


def test_a_finding_that_may_be_safe_is_put_to_slack_once(scan):
    channel("C1")
    SubscriptionFactory(address="team@acme.example")
    finding = find(scan)

    judge(finding)
    judge(finding)

    row = Delivery.objects.get()
    assert (row.channel, row.kind, row.recipient) == ("slack", "verdict", "#c1")
    assert (row.finding_id, row.scan_id) == (finding.pk, scan.pk)
    assert row.next_attempt_at > NOW


@pytest.mark.parametrize("conclusion", ["true_positive", "needs_review"])
def test_other_verdicts_are_not_put_to_slack(scan, conclusion):
    channel()

    judge(find(scan), conclusion)

    assert not Delivery.objects.exists()


def test_findings_of_the_primary_branch_are_not_put_to_slack(scan, shop):
    channel()
    main = scan_of(shop, "main")
    judge(find(main))
    judge(find(main, first_scan=None))

    assert not Delivery.objects.exists()


def test_a_finding_that_somebody_has_decided_is_not_put_to_slack(scan):
    channel()

    judge(find(scan, triage_state="ignored"))

    assert not Delivery.objects.exists()


@pytest.mark.parametrize("switches", [{"judges_in_slack": False}, {"judges": False}])
def test_an_organization_may_keep_verdicts_out_of_slack(scan, switches):
    AssistantSettings.objects.create(**switches)
    channel()

    judge(find(scan))

    assert not Delivery.objects.exists()


def test_a_channel_may_want_no_verdicts_or_only_some(scan):
    workspace = SlackWorkspaceFactory()
    channel("C1", workspace=workspace, tells_verdicts=False)
    channel("C2", workspace=workspace, products=["secrets"])
    channel("C3", workspace=workspace, tag="team-blue")

    judge(find(scan))

    assert not Delivery.objects.exists()


def sent(finding, **facts):
    subscription = Subscription.objects.get()
    Delivery.objects.filter(finding=finding).update(
        status=JobStatus.DONE, sent_at=NOW, next_attempt_at=NOW, **facts
    )
    return Delivery.objects.get(finding=finding, subscription=subscription)


def test_a_message_is_brought_up_to_date_when_somebody_decides_anywhere(scan):
    channel()
    finding = find(scan)
    judge(finding)
    row = sent(finding)

    after_decisions(finding_ids=[finding.pk], now=NOW)

    row.refresh_from_db()
    assert (row.status, row.next_attempt_at) == (JobStatus.WAITING, NOW)


def test_a_message_is_brought_up_to_date_when_the_verdict_changes(scan):
    channel()
    finding = find(scan)
    judge(finding)
    row = sent(finding)

    judge(finding, "true_positive")

    row.refresh_from_db()
    assert row.status == JobStatus.WAITING
    assert Delivery.objects.count() == 1


def test_a_message_that_is_being_sent_while_somebody_decides_is_looked_at_again(scan):
    channel()
    finding = find(scan)
    judge(finding)
    row = Delivery.objects.get()
    claim(Delivery, job_id=row.pk, now=row.next_attempt_at)

    after_decisions(finding_ids=[finding.pk], now=NOW)

    row.refresh_from_db()
    assert (row.sent_at, row.is_wanted_again) == (None, True)


def test_a_message_whose_last_change_was_given_up_is_tried_anew(scan):
    channel()
    finding = find(scan)
    judge(finding)
    row = sent(finding)
    Delivery.objects.filter(pk=row.pk).update(status=JobStatus.FAILED)

    after_decisions(finding_ids=[finding.pk], now=NOW)

    row.refresh_from_db()
    assert row.status == JobStatus.WAITING


def test_a_message_that_waits_or_was_given_up_is_left_to_what_it_is(scan):
    workspace = SlackWorkspaceFactory()
    channel("C1", workspace=workspace, quiet_from=0, quiet_until=23 * 60)
    waiting, dead = find(scan), find(scan)
    judge(waiting)
    judge(dead)
    Delivery.objects.filter(finding=dead).update(status=JobStatus.FAILED)
    at = Delivery.objects.get(finding=waiting).next_attempt_at

    after_decisions(finding_ids=[waiting.pk, dead.pk], now=NOW)

    assert Delivery.objects.get(finding=waiting).next_attempt_at == at
    assert Delivery.objects.get(finding=dead).status == JobStatus.FAILED


# Digests


def test_up_to_ten_verdicts_of_a_scan_are_messages_of_their_own(scan):
    channel()

    for _ in range(10):
        judge(find(scan))

    assert set(Delivery.objects.values_list("kind", "digest")) == {("verdict", None)}


def test_more_than_ten_verdicts_of_a_scan_are_one_message(scan):
    channel()

    for _ in range(12):
        judge(find(scan))

    digest = Delivery.objects.get(kind="digest")
    assert (digest.facts, digest.scan_id) == ({"of": "verdict"}, scan.pk)
    assert digest.status == JobStatus.WAITING
    assert digest.parts.count() == 12
    assert set(digest.parts.values_list("status", "sent_at")) == {(JobStatus.DONE, None)}


def test_verdicts_that_come_after_ten_were_sent_join_one_message_that_grows(scan):
    channel()
    early = [find(scan) for _ in range(10)]
    for finding in early:
        judge(finding)
    Delivery.objects.update(status=JobStatus.DONE, sent_at=NOW)

    judge(find(scan))
    Delivery.objects.filter(kind="digest").update(status=JobStatus.DONE, sent_at=NOW)
    judge(find(scan))

    digest = Delivery.objects.get(kind="digest")
    assert digest.parts.count() == 2
    assert (digest.status, digest.sent_at) == (JobStatus.WAITING, NOW)
    assert Delivery.objects.filter(kind="verdict", digest=None).count() == 10


def test_another_scan_has_a_digest_of_its_own(scan, shop):
    channel()
    other = scan_of(shop, "refs/pull/8/merge", kind=ScanKind.DIFF, change_request="8")
    for one in (scan, other):
        for _ in range(6):
            judge(find(one))

    assert not Delivery.objects.filter(kind="digest").exists()


def test_a_decision_on_a_part_brings_the_digest_up_to_date(scan):
    channel()
    findings = [find(scan) for _ in range(11)]
    for finding in findings:
        judge(finding)
    Delivery.objects.filter(kind="digest").update(status=JobStatus.DONE, sent_at=NOW)

    after_decisions(finding_ids=[findings[0].pk], now=NOW)

    digest = Delivery.objects.get(kind="digest")
    assert digest.status == JobStatus.WAITING
    assert set(digest.parts.values_list("status", flat=True)) == {JobStatus.DONE}


def scan_with_news(shop, number):
    finding = find(scan_of(shop, f"refs/pull/{number}/merge", change_request=str(number)))
    tell(finding.first_scan)


def test_a_night_of_scans_is_one_message_in_the_morning(shop):
    SubscriptionFactory(quiet_from=0, quiet_until=18 * 60)

    for number in range(12):
        scan_with_news(shop, number)

    digest = Delivery.objects.get(kind="digest")
    assert digest.next_attempt_at == NOW.replace(hour=18)
    assert (digest.parts.count(), digest.facts) == (12, {"of": "scan"})


def test_a_night_of_verdicts_on_many_scans_is_one_message_in_the_morning(shop):
    channel(quiet_from=0, quiet_until=18 * 60)

    for number in range(12):
        scan = scan_of(shop, f"refs/pull/{number}/merge", change_request=str(number))
        judge(find(scan))

    digest = Delivery.objects.get(kind="digest")
    assert (digest.next_attempt_at, digest.scan) == (NOW.replace(hour=18), None)
    assert (digest.parts.count(), digest.facts) == (12, {"of": "verdict"})


def test_a_night_adds_to_the_digest_of_a_scan_that_stands_there_already(scan):
    subscription = channel()
    for _ in range(11):
        judge(find(scan))
    Subscription.objects.filter(pk=subscription.pk).update(quiet_from=0, quiet_until=18 * 60)

    judge(find(scan))

    digest = Delivery.objects.get(kind="digest")
    assert (digest.scan, digest.parts.count()) == (scan, 12)


def test_a_quiet_night_is_told_scan_by_scan(shop):
    SubscriptionFactory(quiet_from=0, quiet_until=18 * 60)

    for number in range(10):
        scan_with_news(shop, number)

    assert Delivery.objects.filter(digest=None, kind="scan").count() == 10


def test_by_day_each_scan_is_told_at_once(shop):
    SubscriptionFactory()

    for number in range(12):
        scan_with_news(shop, number)

    assert Delivery.objects.filter(digest=None, kind="scan").count() == 12


def test_a_message_in_a_digest_is_not_written_down_again(scan):
    channel()
    findings = [find(scan) for _ in range(11)]
    for finding in findings:
        judge(finding)
    before = Delivery.objects.count()

    for finding in findings:
        after_verdict(finding_id=finding.pk, now=NOW)
    want_deliveries([], now=NOW)

    assert Delivery.objects.count() == before
    assert Finding.objects.count() == 11
