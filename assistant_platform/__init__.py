"""The project package: settings, doors, queues and the services underneath."""

from assistant_platform.celery import app as celery_app

__all__ = ["celery_app"]
