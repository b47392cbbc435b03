"""Nurseries that deliver to us."""
