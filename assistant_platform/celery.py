"""The Celery application; queues, routes and the beat stand in the settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant_platform.settings")

app = Celery("assistant_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["pipeline"])
