"""Errors as JSON, in one shape."""
