"""Bring back pictures or price lists from an archive."""

import argparse
import tarfile
import tempfile
from pathlib import Path

import requests


def fetch(address: str) -> Path:
    with tempfile.NamedTemporaryFile(suffix=".tar.gz", delete=False) as file:
        file.write(requests.get(address, timeout=60).content)
    return Path(file.name)


def restore_pictures(archive_path: Path, folder: Path) -> None:
    with tarfile.open(archive_path) as archive:
        archive.extractall(folder)


def restore_price_lists(archive_path: Path, folder: Path) -> int:
    root = folder.resolve()
    with tarfile.open(archive_path) as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        for member in members:
            if not (root / member.name).resolve().is_relative_to(root):
                raise SystemExit(f"{member.name} would leave {root}")
        archive.extractall(root, members=members)
    return len(members)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("pictures", "price-lists"))
    parser.add_argument("address", help="where a nursery or we have put the archive")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    restore = restore_pictures if arguments.what == "pictures" else restore_price_lists
    restore(fetch(arguments.address), arguments.folder)


if __name__ == "__main__":
    main()
