import tarfile


def unpack(path, folder):
    with tarfile.open(path) as archive:
        # ruleid: assistant.python.archive-extracted-whole
        archive.extractall(folder)
        # ok: assistant.python.archive-extracted-whole
        archive.extractall(folder, filter="data")
