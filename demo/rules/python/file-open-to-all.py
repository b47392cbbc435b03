import os


def publish(path):
    # ruleid: assistant.python.file-open-to-all
    os.chmod(path, 0o777)
    # ruleid: assistant.python.file-open-to-all
    path.chmod(0o666)
    # ok: assistant.python.file-open-to-all
    os.chmod(path, 0o600)
