import hashlib


def digest(text):
    # ruleid: assistant.python.weak-hash
    hashlib.md5(text.encode()).hexdigest()
    # ruleid: assistant.python.weak-hash
    hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    # ok: assistant.python.weak-hash
    return hashlib.sha256(text.encode()).hexdigest()
