"""A file before and after a fix, compared: what was deleted, switched off, hidden or kept; pure."""
