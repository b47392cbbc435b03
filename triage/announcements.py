"""What triage announces."""

from django.dispatch import Signal

verdict_recorded = Signal()
"""A finding has a new verdict (`finding_id`)."""
