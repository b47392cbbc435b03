"""Whether a finding is real."""
