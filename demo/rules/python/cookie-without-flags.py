def remember(response, value):
    # ruleid: assistant.python.cookie-without-flags
    response.set_cookie("session", value)
    # ok: assistant.python.cookie-without-flags
    response.set_cookie("session", value, secure=True, httponly=True, samesite="Lax")
