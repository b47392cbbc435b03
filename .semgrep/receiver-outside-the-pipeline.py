"""What the rule must find, and what it must leave alone."""

import psycopg2
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from findings.signals import scan_ingested


# ruleid: receiver-outside-the-pipeline
@receiver(scan_ingested)
def after_scan_ingested(scan_id, **_announcement):
    plan(scan_id)


# ruleid: receiver-outside-the-pipeline
scan_ingested.connect(after_scan_ingested)

# ok: receiver-outside-the-pipeline
connection_created.connect(set_up_connection, dispatch_uid="tenants.scope")

# ok: receiver-outside-the-pipeline
connection = psycopg2.connect(host="/tmp")
