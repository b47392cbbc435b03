"""What notifications announce."""

from django.dispatch import Signal

review_wanted = Signal()
"""There is, or will be, something to say in change requests (`review_ids`)."""

delivery_wanted = Signal()
"""There is, or will be, something to send (`delivery_ids`)."""
