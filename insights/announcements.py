"""What insights announce."""

from django.dispatch import Signal

choice_wanted = Signal()
"""The week's tasks are, or will be, to be chosen (`choice_ids`)."""
