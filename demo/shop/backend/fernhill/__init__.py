"""The shop behind the pages."""
