"""What the rule must find, and what it must leave alone."""

import logging

logger = logging.getLogger(__name__)


def judge(finding, prompt, file, token):
    # ruleid: contents-in-a-log-line
    logger.info("triage.prompt.sent %s", prompt)
    # ruleid: contents-in-a-log-line
    logger.warning("triage.file.read finding_id=%s %s", finding.id, file.text)
    # ruleid: contents-in-a-log-line
    logger.error("token.refused", extra={"given": token})
    # ok: contents-in-a-log-line
    logger.info("triage.verdict.recorded finding_id=%s", finding.id)
    # ok: contents-in-a-log-line
    logger.info("llm.call.recorded model_call_id=%s input_tokens=%s", call.id, call.input_tokens)
    # ok: contents-in-a-log-line
    logger.info("prompt.loaded")
