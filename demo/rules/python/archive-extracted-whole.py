import tarfile


def unpack(path, folder):
    with tarfile.open(path) as archive:
        # ruleid: assistant.python.archive-extracted-whole
        archive.extractall(folder)
        # ruleid: assistant.python.archive-extracted-whole
        archive.extractall(
            folder,
            numeric_owner=True,
        )
        # ruleid: assistant.python.archive-extracted-whole
        archive.extractall(folder, filter="fully_trusted")
        # ok: assistant.python.archive-extracted-whole
        archive.extractall(folder, filter="data")
