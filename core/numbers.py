"""Numbers as people and programs write them in addresses, fields and headers."""

LARGEST_ID = 2**63 - 1


def id_of(text: str) -> int | None:
    """Return the row's number that a text names; None where no row can have it.

    Only plain digits count, neither signs and blanks nor the digits of other scripts, and no number
    larger than the database's keys (0 to 2**63 - 1).
    """
    digits = text.lstrip("0") or text[:1]
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > len(str(LARGEST_ID)):
        return None
    number = int(digits)
    return number if number <= LARGEST_ID else None
