"""Edits that a model or a rule proposes."""
