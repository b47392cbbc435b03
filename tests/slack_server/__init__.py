"""A stand-in for Slack on the loopback: it keeps channels and messages, and refuses bad blocks."""
