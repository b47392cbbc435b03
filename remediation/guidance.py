"""Guidance for a finding: steps in prose."""
