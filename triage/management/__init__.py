"""Management of triage from the command line."""
