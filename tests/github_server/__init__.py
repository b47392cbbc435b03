"""A stand-in for GitHub on the loopback: see server.py for how to use it."""
