import os


def publish(path):
    # ruleid: assistant.python.file-open-to-all
    os.chmod(path, 0o777)
    # ruleid: assistant.python.file-open-to-all
    path.chmod(0o666)
    # ruleid: assistant.python.file-open-to-all
    os.chmod(path, 0o1777, follow_symlinks=False)
    # ok: assistant.python.file-open-to-all
    os.chmod(path, 0o600)
