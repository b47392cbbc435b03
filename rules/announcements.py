"""What rules announce."""

from django.dispatch import Signal

trial_wanted = Signal()
"""A rule of the editor is to be run on its test code (`trial_id`)."""

draft_wanted = Signal()
"""A model is to write a rule (`draft_id`)."""

rule_import_wanted = Signal()
"""Files of rules are to be imported into the library (`import_id`)."""
