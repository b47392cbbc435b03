import jwt


def claims(token, key):
    # ruleid: assistant.python.jwt-unverified
    jwt.decode(token, options={"verify_signature": False})
    # ok: assistant.python.jwt-unverified
    return jwt.decode(token, key, algorithms=["HS256"])
