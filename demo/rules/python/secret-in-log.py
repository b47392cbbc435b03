import logging

logger = logging.getLogger(__name__)


def login(name, password):
    # ruleid: assistant.python.secret-in-log
    logger.info("login of %s with %s", name, password)
    # ruleid: assistant.python.secret-in-log
    logger.warning("card %s of %s", name.card_number, name)
    # ok: assistant.python.secret-in-log
    logger.info("login of %s", name)
