import tarfile


def unpack(path, folder):
    with tarfile.open(path) as archive:
        # ruleid: assistant.python.archive-extracted-whole
        archive.extractall(folder, filter="data")
        # ruleid: assistant.python.archive-extracted-whole
        archive.extractall(
            folder,
            numeric_owner=True, filter="data",
        )
        # ruleid: assistant.python.archive-extracted-whole
        archive.extractall(folder, filter="fully_trusted")
        # ok: assistant.python.archive-extracted-whole
        archive.extractall(folder, filter="data")
