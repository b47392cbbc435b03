"""Where customers may send us, and where not."""

import ipaddress
import socket

import httpx2
import pytest

from core.addresses import PrivateAddressError, is_public, problem_of_web_address, resolve
from core.http import ForbiddenAddressError, NameNotFoundError, guarded_client
from tests.model_server import ModelServer, Reply, raw

PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b:1:a9fe:a9:fe00:808:808",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::",
]


@pytest.mark.parametrize("text", PRIVATE)
def test_addresses_of_this_machine_and_its_networks_are_not_public(text):
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111"])
def test_addresses_of_the_internet_are_public(text):
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "::1", "169.254.169.254"],
)
def test_no_spelling_of_a_private_address_is_resolved(host):
    with pytest.raises(PrivateAddressError, match="ALLOW_PRIVATE_ADDRESSES"):
        resolve(host, 80)


@pytest.mark.parametrize("entry", ["127.0.0.1", "127.0.0.0/8", "LocalHost.", "127.1.2.3/8"])
def test_what_the_operator_lists_is_resolved(settings, entry):
    settings.ALLOW_PRIVATE_ADDRESSES = [entry, "::1"]

    assert "127.0.0.1" in resolve("localhost", 80)


def test_one_private_address_among_public_ones_refuses_the_name(monkeypatch):
    answers = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 443)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: answers)

    with pytest.raises(PrivateAddressError):
        resolve("rebinding.example", 443)


def test_a_call_to_a_private_address_never_leaves():
    with (
        ModelServer(raw('"hello"')) as server,
        guarded_client(timeout_seconds=30, max_bytes=100) as client,
    ):
        with pytest.raises(ForbiddenAddressError, match="private address"):
            client.post(server.url, json={})

        assert server.requests == []


def test_the_connection_goes_to_the_address_that_was_judged(monkeypatch, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["models.example"]
    real, asked = socket.getaddrinfo, []

    def look_up(host, *args, **options):
        asked.append(host)
        return real("127.0.0.1" if host == "models.example" else host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with (
        ModelServer(raw('"hello"')) as server,
        guarded_client(timeout_seconds=30, max_bytes=100) as client,
    ):
        url = server.url.replace("127.0.0.1", "models.example")
        assert client.post(url, json={}).json() == "hello"

    # Looked up by name once; the socket was given the address.
    assert asked.count("models.example") == 1
    assert server.headers[0]["host"].startswith("models.example:")


def test_a_name_that_turns_private_is_refused_on_a_kept_connection(monkeypatch, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]
    with (
        ModelServer(default=raw('"hello"')) as server,
        guarded_client(timeout_seconds=30, max_bytes=100) as client,
    ):
        assert client.post(server.url, json={}).status_code == 200
        settings.ALLOW_PRIVATE_ADDRESSES = []

        with pytest.raises(ForbiddenAddressError):
            client.post(server.url, json={})

        assert len(server.requests) == 1


def test_the_next_address_is_tried_where_the_first_takes_no_connection(monkeypatch, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["models.example"]
    real = socket.getaddrinfo

    def look_up(host, port, *args, **options):
        if host != "models.example":
            return real(host, port, *args, **options)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("127.0.0.2", "127.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with (
        ModelServer(raw('"hello"')) as server,
        guarded_client(timeout_seconds=30, max_bytes=100) as client,
    ):
        url = server.url.replace("127.0.0.1", "models.example")

        assert client.post(url, json={"a": 1}).json() == "hello"

    assert server.requests[0]["a"] == 1


def test_an_unknown_name_says_so():
    with (
        guarded_client(timeout_seconds=30, max_bytes=100) as client,
        pytest.raises(NameNotFoundError, match=r"nowhere\.invalid is not known"),
    ):
        client.get("https://nowhere.invalid/")


def test_a_redirect_to_a_private_address_is_not_followed(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]
    redirect = Reply(status=302, headers={"Location": "http://169.254.169.254/"})
    with (
        ModelServer(redirect) as server,
        guarded_client(timeout_seconds=30, max_bytes=100) as client,
    ):
        assert client.post(server.url, json={}).status_code == 302


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with (
        ModelServer(raw('"hello"')) as server,
        guarded_client(timeout_seconds=30, max_bytes=100) as client,
    ):
        assert client.post(server.url, json={}).json() == "hello"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("https://models.example/v1", ""),
        ("https://models.example:8443/v1?a=b", ""),
        ("http://models.example/v1", "must begin with https"),
        ("http://10.0.0.1/v1", "must begin with https"),
        ("ftp://models.example", "no web address"),
        ("models.example", "no web address"),
        ("https://", "no web address"),
        ("https://[::1", "no web address"),
        ("https://models.example:99999/", "no web address"),
        (f"https://{'a' * 64}.example/", "no web address"),
        ("https://a..example/", "no web address"),
        ("file:///etc/passwd", "no web address"),
        ("https://ada:pw@models.example/", "without a name or password"),
        ("https://a@b@models.example/", "without a name or password"),
        ("https://models.example/a b", "blank"),
        ("https://models.example/\x00", "blank"),
    ],
)
def test_an_address_that_a_customer_enters_is_looked_at(text, problem):
    found = problem_of_web_address(text)

    assert problem in found
    assert bool(found) == bool(problem)


def test_plain_http_is_for_listed_hosts(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["10.0.0.0/8", "models.internal"]

    assert problem_of_web_address("http://10.2.3.4/v1") == ""
    assert problem_of_web_address("http://models.internal/v1") == ""
    assert problem_of_web_address("http://11.2.3.4/v1") != ""


def test_the_transport_keeps_the_limits_of_the_client(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]
    with (
        ModelServer(raw("x" * 101)) as server,
        guarded_client(timeout_seconds=30, max_bytes=100) as client,
        pytest.raises(httpx2.ReadError, match="larger than 100 bytes"),
    ):
        client.post(server.url, json={})


def test_the_name_that_is_looked_up_is_the_one_that_is_sent(monkeypatch):
    asked = []

    def look_up(host, *_args, **_options):
        asked.append(host)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with guarded_client(timeout_seconds=5, max_bytes=1000) as client:
        # Older rules for names would make `fass.example` of it, which may be somebody else's.
        with pytest.raises(NameNotFoundError):
            client.get("https://fa\N{LATIN SMALL LETTER SHARP S}.example/")
        with pytest.raises(NameNotFoundError):
            client.get("https://xn--a.example/")

    assert asked == ["xn--fa-hia.example", "xn--a.example"]
