import os


def publish(path):
    # ruleid: assistant.python.file-open-to-all
    os.chmod(path, 0o700)
    # ruleid: assistant.python.file-open-to-all
    path.chmod(0o600)
    # ruleid: assistant.python.file-open-to-all
    os.chmod(path, 0o1700, follow_symlinks=False)
    # ok: assistant.python.file-open-to-all
    os.chmod(path, 0o600)
