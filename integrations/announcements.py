"""What integrations announce."""

from django.dispatch import Signal

webhook_received = Signal()
"""An event lies in the store and waits to be read (`receipt_id`)."""

connection_changed = Signal()
"""A connection was made or mended: what failed for it may work now (`connection_id`)."""
