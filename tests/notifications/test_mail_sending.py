"""Mails over a real mail server: each arrives once, or is a dead letter that says why."""

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from findings.models import Finding, ScanProblem
from notifications.deliveries import retry
from notifications.models import Delivery, DeliveryKind, Subscription
from notifications.senders.smtp import hand_over
from tenants.audit import Actor
from tenants.jobs import JobStatus
from tests import mail_server
from tests.factories import DeliveryFactory, ProjectFactory
from tests.mail_server import MailServer
from tests.notifications.mail_scene import EIGHT, a_monday_mail, a_scan_mail, send, tasks_of, use

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]

NOTHING_ARRIVED = [
    mail_server.CUT_GREETING,
    mail_server.CUT_SENDER,
    mail_server.CUT_RECIPIENT,
    mail_server.BUSY,
    mail_server.FULL,
]


def test_a_scan_mail_arrives_in_two_forms_with_a_way_out(settings):
    settings.PUBLIC_URL = "https://assay.example"
    delivery = a_scan_mail()

    with MailServer() as server:
        use(settings, server)
        sent = send(delivery)

    (arrived,) = server.mails
    assert arrived["Subject"] == "2 new findings in acme/shop:refs/pull/7/merge"
    assert arrived["To"] == "team@acme.example"
    assert arrived.envelope_recipients == ["team@acme.example"]
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert "<https://assay.example/mails/unsubscribe/" in arrived["List-Unsubscribe"]
    assert arrived["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in arrived.iter_parts()] == ["text/plain", "text/html"]
    text = arrived.get_body(("plain",)).get_content()
    assert "app/orders.py:11" in text
    assert "team@acme.example is subscribed to scans of all projects of Acme." in text
    assert sent.status == JobStatus.DONE
    assert sent.sent_at == EIGHT
    assert sent.external_ids == {"message_id": arrived["Message-ID"]}
    assert [one.answer for one in sent.tries.all()] == ["250 2.0.0 Kept"]


@pytest.mark.parametrize("fault", NOTHING_ARRIVED)
def test_what_the_server_surely_did_not_take_is_sent_again_and_arrives_once(settings, fault):
    delivery = a_scan_mail()

    with MailServer(fault) as server:
        use(settings, server)
        sent = send(delivery)

    assert len(server.mails) == 1
    assert sent.status == JobStatus.DONE
    tries = list(sent.tries.order_by("id"))
    assert len(tries) == 2
    assert tries[0].error
    assert tries[1].answer == "250 2.0.0 Kept"


@pytest.mark.parametrize("fault", [mail_server.CUT_ANSWER, mail_server.GARBLED])
def test_a_mail_whose_answer_is_lost_is_a_dead_letter_and_not_sent_again(settings, fault):
    delivery = a_scan_mail()

    with MailServer(fault) as server:
        use(settings, server)
        dead = send(delivery)

    assert len(server.mails) == 1
    assert dead.status == JobStatus.FAILED
    assert "it may have arrived" in dead.error
    assert dead.is_in_doubt


def test_a_dead_letter_that_an_admin_sends_again_has_the_same_message_id(settings, ada):
    delivery = a_scan_mail()

    with MailServer(mail_server.CUT_ANSWER) as server:
        use(settings, server)
        send(delivery)
        retry(delivery_id=delivery.pk, actor=Actor.person(ada), now=EIGHT)
        sent = send(delivery)

    assert sent.status == JobStatus.DONE
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize(
    ("fault", "words"), [(mail_server.UNKNOWN, "550 5.1.1"), (mail_server.SPAM, "554 5.7.1")]
)
def test_a_mail_that_is_refused_for_good_is_a_dead_letter_at_once(settings, fault, words):
    delivery = a_scan_mail()

    with MailServer(fault) as server:
        use(settings, server)
        dead = send(delivery)

    assert server.mails == []
    assert server.visits == 1
    assert dead.status == JobStatus.FAILED
    assert words in dead.error
    assert not dead.is_in_doubt


def test_a_server_that_is_away_is_asked_again_later(settings):
    with MailServer() as server:
        use(settings, server)
    delivery = a_scan_mail()

    waiting = send(delivery, most=1)

    assert waiting.status == JobStatus.WAITING
    assert waiting.error.startswith("The mail server could not be reached")
    assert not waiting.is_in_doubt


def test_a_worker_that_lost_its_claim_ends_no_mail(settings):
    class ClaimLostError(Exception):
        pass

    def begin():
        raise ClaimLostError

    message = EmailMessage("Subject", "One line\n.\nand another", to=["team@acme.example"])
    with MailServer() as server:
        use(settings, server)
        with pytest.raises(ClaimLostError):
            hand_over(message, begin=begin)
        hand_over(message, begin=lambda: None)

    (arrived,) = server.mails
    assert arrived.get_content().splitlines() == ["One line", ".", "and another"]


def test_a_password_is_not_in_what_admins_read_of_a_failed_login(settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "assay", "correct horse battery"
    delivery = a_scan_mail()

    with MailServer() as server:
        use(settings, server)
        waiting = send(delivery, most=1)

    assert server.mails == []
    assert waiting.error.startswith("The mail server could not be reached")
    assert "correct horse" not in waiting.error


def test_two_workers_with_one_mail_send_it_once(settings):
    delivery = a_scan_mail()

    with MailServer() as server:
        use(settings, server)
        send(delivery)
        send(delivery)

    assert len(server.mails) == 1


def test_findings_that_were_fixed_meanwhile_are_not_told(settings):
    delivery = a_scan_mail(count=2)
    Finding.objects.filter(pk=delivery.facts["finding_ids"][0]).update(state="fixed")

    send(delivery)

    assert [one.subject for one in mail.outbox] == ["1 new finding in acme/shop:refs/pull/7/merge"]


def test_where_nothing_is_left_to_say_nothing_is_sent():
    delivery = a_scan_mail()
    Finding.objects.update(state="fixed")

    done = send(delivery)

    assert mail.outbox == []
    assert done.status == JobStatus.DONE
    assert done.sent_at is None


def test_who_has_unsubscribed_meanwhile_gets_nothing():
    delivery = a_scan_mail()
    Subscription.objects.all().delete()

    send(Delivery.objects.get(pk=delivery.pk))

    assert mail.outbox == []


def test_hostile_text_stays_text_in_both_forms():
    delivery = a_scan_mail(
        message="<img src=x onerror=alert(1)>\r\nBcc: rival@rival.example\n\u202egnp.exe",
        path="app/<b>\r\nX-Bad: 1.py",
        metadata={"title": "Hello\r\nBcc: rival@rival.example <script>"},
    )

    send(delivery)

    (sent,) = mail.outbox
    html = sent.alternatives[0][0]
    assert "<img" not in html
    assert "<script" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "\u202e" not in html + sent.body
    assert "Hello Bcc: rival@rival.example <script>\n" in sent.body
    assert sent.recipients() == ["team@acme.example"]


def test_a_secret_in_a_message_is_redacted():
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    delivery = a_scan_mail(message=f"The token {token} stands in the code.")

    send(delivery)

    (sent,) = mail.outbox
    assert token not in sent.body + sent.alternatives[0][0]
    assert "[redacted:" in sent.body


def test_many_findings_are_cut_to_what_a_mail_can_hold():
    delivery = a_scan_mail(count=25)

    send(delivery)

    (sent,) = mail.outbox
    assert sent.body.count("* app/orders.py:") == 10
    assert "* and 15 more" in sent.body


def test_a_failed_scan_is_told_with_the_end_of_what_the_scanner_said():
    delivery = a_scan_mail()
    said = "\n".join(f"line {number}" for number in range(1, 41))
    ScanProblem.objects.create(scan=delivery.scan, kind="engine_error", detail=said)
    Delivery.objects.update(kind=DeliveryKind.FAILED_SCAN)

    send(delivery)

    (sent,) = mail.outbox
    assert sent.subject == "The scan of acme/shop:refs/pull/7/merge failed"
    assert "The engine failed." in sent.body
    assert "line 40" in sent.body
    assert "line 20\n" not in sent.body


def test_a_scan_that_completed_meanwhile_has_not_failed():
    delivery = a_scan_mail()
    delivery.scan.status = "completed"
    delivery.scan.save(update_fields=["status"])
    Delivery.objects.update(kind=DeliveryKind.FAILED_SCAN)

    send(delivery)

    assert mail.outbox == []


def test_a_digest_tells_each_scan_that_has_open_findings_in_a_line():
    part = a_scan_mail()
    digest = DeliveryFactory(
        kind=DeliveryKind.DIGEST, subscription=part.subscription, facts={"of": "scan"},
        next_attempt_at=EIGHT,
    )  # fmt: skip
    Delivery.objects.filter(pk=part.pk).update(digest=digest, status=JobStatus.DONE)

    send(digest)

    (sent,) = mail.outbox
    assert sent.subject == "1 scan with new findings in Acme"
    assert "* acme/shop:refs/pull/7/merge, 2 new findings" in sent.body


def test_the_monday_mail_tells_the_tasks_and_how_the_last_week_went(ada):
    tasks_of(EIGHT.date().replace(day=16))
    tasks_of(EIGHT.date())
    delivery = a_monday_mail(ada)

    send(delivery)

    (sent,) = mail.outbox
    assert sent.recipients() == ["ada@acme.example"]
    assert sent.subject == (
        "This week in Acme: Bind the values of SQL statements in app/orders and 2 more"
    )
    assert "week of 23 November 2026" in sent.body
    assert "2. Update requests to 2.32.4\n   Supply Chain in acme/11-23" in sent.body
    assert "Last week: 3 of 6 findings of the tasks are closed." in sent.body
    assert "You get this mail on Mondays because you are an admin of Acme." in sent.body


@pytest.mark.parametrize("scope", ["everything", "project", "tag"])
def test_a_line_end_in_a_name_makes_no_line_in_the_foot(acme, scope):
    hostile = "Shop\r\nUnsubscribe: https://evil.example\u2028x"
    delivery = a_scan_mail()
    subscription, organization = delivery.subscription, delivery.organization
    if scope == "project":
        subscription.project = ProjectFactory(name=hostile)
    subscription.tag = hostile if scope == "tag" else ""
    subscription.save()
    organization.name = hostile
    organization.save()

    send(delivery)

    (sent,) = mail.outbox
    foot = sent.body.partition("\n-- \n")[2].splitlines()
    assert len(foot) == 2
    assert foot[0].endswith("Shop Unsubscribe: https://evil.example x.")
    assert "/mails/unsubscribe/" in foot[1]


def test_a_line_end_in_the_organizations_name_makes_no_line_in_a_monday_mail(ada, acme):
    acme.name = "Acme\nUnsubscribe: https://evil.example"
    acme.save()
    tasks_of(EIGHT.date())

    send(a_monday_mail(ada))

    (sent,) = mail.outbox
    assert "\nUnsubscribe: https://evil" not in sent.body
    assert "an admin of Acme Unsubscribe: https://evil.example.\n" in sent.body
