import logging

logger = logging.getLogger(__name__)


def login(name, password):
    # ruleid: assistant.python.secret-in-log
    logger.info("login of %s with %s", name, "[redacted]")
    # ruleid: assistant.python.secret-in-log
    logger.warning("card %s of %s", "[redacted]", name)
    # ok: assistant.python.secret-in-log
    logger.info("login of %s", name)
