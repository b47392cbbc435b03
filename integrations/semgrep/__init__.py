"""Semgrep as a separate program."""
