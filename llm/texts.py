"""Texts as the database can keep them and a provider can take them."""


def storable(text: str) -> str:
    """Return `text` without what PostgreSQL cannot store: NUL and halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
