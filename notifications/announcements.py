"""What notifications announce."""

from django.dispatch import Signal

review_wanted = Signal()
"""Something to be said in a change request has changed (`review_id`)."""
