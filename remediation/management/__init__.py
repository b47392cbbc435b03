"""Commands of the remediation app."""
