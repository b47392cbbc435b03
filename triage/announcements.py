"""What triage announces."""

from django.dispatch import Signal

verdict_recorded = Signal()
"""A finding has a new verdict (`finding_id`)."""

analysis_requested = Signal()
"""A person asks for findings to be analyzed (`request_id`)."""

preview_requested = Signal()
"""A person asks what a memory would change (`preview_id`)."""

evaluation_requested = Signal()
"""A person asks how good a judge is (`evaluation_id`)."""
