"""The demo: a sample repository, its rules, and the job that scans and analyzes it."""
