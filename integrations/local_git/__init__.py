"""Repositories on this machine, read through git."""
