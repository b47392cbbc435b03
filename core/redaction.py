"""Secrets out of texts: log lines, prompts, comments and mails."""

import logging


class RedactingFilter(logging.Filter):
    """Takes secrets out of log lines."""
