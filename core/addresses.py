"""Which addresses a customer may send us to: public ones, and those the operator lists.

A customer names a host; what counts is where the name leads at the moment of the call. So names
are looked up here, every address is judged, and the caller connects to the address itself: a name
that changes its mind in between (DNS rebinding) changes nothing.
"""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# IPv6 addresses that carry an IPv4 address which a gateway may unwrap (RFC 6052, RFC 8215).
_TRANSLATED = tuple(
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")
)
# Special networks that some versions of Python take for global.
_SPECIAL = tuple(
    ipaddress.ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10")
)


class PrivateAddressError(Exception):
    """A host leads to an address that only this machine or its network should reach."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host} leads to a private address, which calls may not reach. An operator can list"
            " it in ALLOW_PRIVATE_ADDRESSES."
        )


def is_public(address: Address) -> bool:
    """Say whether an address is one of the open internet."""
    return all(
        one.is_global
        and not (one.is_multicast or one.is_reserved or one.is_unspecified)
        and not any(one in network for network in _SPECIAL)
        for one in _with_carried(address)
    )


def is_listed(*, host: str, addresses: Iterable[Address] = ()) -> bool:
    """Say whether ALLOW_PRIVATE_ADDRESSES lists the host by name, or all of its addresses."""
    networks, names = _listed()
    if host.rstrip(".").lower() in names:
        return True
    found = list(addresses)
    return bool(found) and all(any(address in network for network in networks) for address in found)


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses that a host leads to, each one allowed.

    Raises PrivateAddressError where any of them is not, and OSError where there is none: the name
    servers' answer as a whole is refused, for a part of it may be a trap.
    """
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    texts = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in texts]
    refused = [address for address in addresses if not is_public(address)]
    if refused and not is_listed(host=host, addresses=refused):
        raise PrivateAddressError(host)
    return texts


def problem_of_web_address(text: str) -> str:
    """Return what is wrong with a web address that a customer entered; blank where nothing is.

    Looks up no name. Without encryption only listed hosts are called: a key and code go there.
    """
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError:
        return "This is no web address; enter one like https://models.example/v1."
    if parts.scheme not in {"http", "https"} or not host:
        return "This is no web address; enter one like https://models.example/v1."
    if parts.username or parts.password or "@" in parts.netloc:
        return "Enter the address without a name or password in it; the key has its own field."
    if any(character.isspace() or not character.isprintable() for character in text):
        return "The address has a blank or a character that cannot be seen; enter it anew."
    if parts.scheme == "http" and not is_listed(host=host, addresses=_literal(host)):
        return (
            "The address must begin with https://: code and a key go there. Plain http is for"
            " hosts that an operator lists in ALLOW_PRIVATE_ADDRESSES."
        )
    return ""


def _literal(host: str) -> list[Address]:
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        return []


def _with_carried(address: Address) -> list[Address]:
    """Return an address and the IPv4 addresses that it carries inside."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    carried: list[Address] = [address]
    if address.sixtofour:
        carried.append(address.sixtofour)
    if address.teredo:
        carried.extend(address.teredo)
    if any(address in network for network in _TRANSLATED):
        carried.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return carried


def _listed() -> tuple[list[ipaddress.IPv4Network | ipaddress.IPv6Network], set[str]]:
    networks, names = [], set()
    for entry in settings.ALLOW_PRIVATE_ADDRESSES:
        try:
            networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
        except ValueError:
            names.add(entry.rstrip(".").lower())
    return networks, names
