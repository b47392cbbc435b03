"""The evidence that a fix holds."""
