def remember(response, value):
    # ruleid: assistant.python.cookie-without-flags
    response.set_cookie("session", value, secure=True, httponly=True)
    # ruleid: assistant.python.cookie-without-flags
    response.set_cookie(
        "device",
        value,
        max_age=3600, secure=True, httponly=True,
    )
    # ruleid: assistant.python.cookie-without-flags
    response.set_cookie("cart", value, secure=False)
    # ok: assistant.python.cookie-without-flags
    response.set_cookie("session", value, secure=True, httponly=True, samesite="Lax")
