"""Limits of the session that code hosts' libraries speak through, against real servers."""

import socket
import ssl
import threading

import pytest
import requests

from core.guarded_requests import (
    AnswerTooLargeError,
    CertificatesUnreadableError,
    ForbiddenAddressError,
    guarded_session,
)
from tests.model_server import ModelServer, Reply, cut, raw, stalls, status


@pytest.fixture(autouse=True)
def _listed(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]


@pytest.fixture
def session():
    with guarded_session(timeout_seconds=30, max_bytes=100) as session:
        yield session


def _serve_once(pieces):
    """Start a server that answers one connection with pieces of bytes; return its address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer():
        connection, _address = listener.accept()
        with connection, listener:
            connection.recv(65536)
            for piece in pieces:
                try:
                    connection.sendall(piece)
                except OSError:
                    return

    threading.Thread(target=answer, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"


def test_an_answer_within_the_limits_is_read(session):
    with ModelServer(raw('"hello"')) as server:
        assert session.post(server.url, json={}).json() == "hello"

        assert server.headers[0]["accept-encoding"] == "identity"


def test_an_answer_of_just_the_size_is_read_and_a_larger_one_is_an_error(session):
    with ModelServer(raw("x" * 100), raw("x" * 101)) as server:
        assert session.post(server.url, json={}).text == "x" * 100

        with pytest.raises(AnswerTooLargeError, match="larger than 100 bytes"):
            session.post(server.url, json={})


def test_an_answer_without_end_is_read_up_to_the_limit(session):
    def endless():
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        while True:
            yield b"x" * 65536

    with pytest.raises(AnswerTooLargeError, match="larger than 100 bytes"):
        session.get(_serve_once(endless()))


def test_a_packed_answer_is_not_unpacked(session):
    packed = Reply(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    with ModelServer(packed) as server, pytest.raises(AnswerTooLargeError, match="packed"):
        session.post(server.url, json={})


def test_silence_is_a_timeout_and_nothing_is_repeated():
    with (
        ModelServer(stalls()) as server,
        guarded_session(timeout_seconds=0.2, max_bytes=100) as session,
    ):
        with pytest.raises(requests.Timeout):
            session.post(server.url, json={}, timeout=600)

        assert len(server.requests) == 1


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX-Drip: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_what_drips_past_the_end_of_the_time_is_an_error(start):
    over = threading.Event()

    def drips():
        yield start
        while not over.wait(0.02):
            yield b"x"

    with (
        guarded_session(timeout_seconds=0.3, max_bytes=10_000) as session,
        pytest.raises((requests.Timeout, requests.ConnectionError)),
    ):
        session.get(_serve_once(drips()))
    over.set()


def test_a_lost_connection_is_an_error_and_nothing_is_repeated(session):
    with ModelServer(cut()) as server:
        with pytest.raises(requests.RequestException):
            session.post(server.url, json={})

        assert len(server.requests) == 1


def test_a_redirect_is_not_followed_whatever_the_library_asks_for(session):
    redirect = Reply(status=307, headers={"Location": "/v1/elsewhere"})
    with ModelServer(redirect) as server:
        assert session.post(server.url, json={}, allow_redirects=True).status_code == 307

        assert len(server.requests) == 1


@pytest.mark.parametrize("content_type", ["text/plain", "a/b; charset=punycode", "a/b"])
def test_how_a_text_is_written_is_neither_guessed_nor_chosen_by_the_answer(session, content_type):
    with ModelServer(raw('"hello"', content_type=content_type)) as server:
        answer = session.post(server.url, json={})

    assert answer.encoding == "utf-8"


def test_no_cookie_is_kept(session):
    with ModelServer(Reply(headers={"Set-Cookie": "a=b"}), raw("1")) as server:
        session.post(server.url, json={})
        session.post(server.url, json={})

        assert "cookie" not in server.headers[1]


def test_no_proxy_of_the_environment_is_used(session, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    with ModelServer(raw("1")) as server:
        assert session.post(server.url, json={}).text == "1"


def test_a_private_address_is_not_called(session, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = []
    with ModelServer(raw("1")) as server:
        with pytest.raises(ForbiddenAddressError, match="ALLOW_PRIVATE_ADDRESSES"):
            session.post(server.url, json={})

        assert server.requests == []


def test_an_unknown_name_is_a_lost_connection(session):
    with pytest.raises(requests.ConnectionError, match="not known"):
        session.get("http://nowhere.invalid/")


def test_the_name_is_asked_for_while_the_judged_address_is_called(session, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["localhost"]
    with ModelServer(status(200)) as server:
        session.post(server.url.replace("127.0.0.1", "localhost"), json={})

        assert server.headers[0]["host"].startswith("localhost:")


def test_what_is_no_certificate_is_refused():
    with pytest.raises(CertificatesUnreadableError, match="BEGIN CERTIFICATE"):
        guarded_session(ca_bundle="not a certificate", timeout_seconds=1, max_bytes=1)


@pytest.fixture
def secure_server(tmp_path):
    """A TLS server for `localhost` with an authority of its own: its port and its certificate."""
    certificate, key = _self_signed("localhost")
    (tmp_path / "both.pem").write_bytes(key + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as secured:
                    secured.recv(65536)
                    secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
            except OSError:
                connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1], certificate.decode()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def _self_signed(name):
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM), secret


def test_a_host_with_an_authority_of_its_own_is_called_once_that_is_given(secure_server, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["localhost"]
    port, certificate = secure_server

    with guarded_session(ca_bundle=certificate, timeout_seconds=30, max_bytes=100) as session:
        assert session.get(f"https://localhost:{port}/").text == "hi"


def test_an_unknown_authority_is_refused_and_cannot_be_waved_through(
    session, secure_server, settings
):
    settings.ALLOW_PRIVATE_ADDRESSES = ["localhost"]
    port, _certificate = secure_server

    with pytest.raises(requests.exceptions.SSLError):
        session.get(f"https://localhost:{port}/", verify=False)


def test_a_certificate_of_another_name_is_refused(secure_server):
    port, certificate = secure_server

    with (
        guarded_session(ca_bundle=certificate, timeout_seconds=30, max_bytes=100) as session,
        pytest.raises(requests.exceptions.SSLError),
    ):
        session.get(f"https://127.0.0.1:{port}/")
