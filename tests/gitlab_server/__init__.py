"""A stand-in for GitLab on the loopback: see server.py for how to use it."""
