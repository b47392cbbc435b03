"""What remediation announces."""

from django.dispatch import Signal

guidance_written = Signal()
"""A finding has new guidance, and perhaps fixes that wait for their proof (`finding_id`)."""

fix_proven = Signal()
"""A finding has a fix that was proven (`finding_id`)."""

fix_request_wanted = Signal()
"""A member asks for a change request with a fix (`fix_request_id`)."""
