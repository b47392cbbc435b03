"""Filters of the pages of llm."""
