import hmac


def check(signature, expected):
    # ruleid: assistant.python.secret-compared-plainly
    if signature != expected:
        raise ValueError
    # ok: assistant.python.secret-compared-plainly
    return hmac.compare_digest(signature, expected)
