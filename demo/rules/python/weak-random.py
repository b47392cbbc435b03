import random
import secrets


def code():
    # ruleid: assistant.python.weak-random
    digits = [random.choice("0123456789") for _ in range(6)]
    # ruleid: assistant.python.weak-random
    digits.append(str(random.randint(0, 9)))
    # ruleid: assistant.python.weak-random
    digits += random.choices("0123456789", k=2)
    # ok: assistant.python.weak-random
    digits.append(secrets.choice("0123456789"))
    return "".join(digits)
