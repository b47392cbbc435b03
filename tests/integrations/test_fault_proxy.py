"""The proxy breaks calls as its plan says, and passes on the rest."""

import json

import pytest
import requests

from tests.fault_proxy import (
    CUT_BEFORE,
    DROP_AFTER,
    TRUNCATE,
    TWICE,
    TWICE_LAST,
    FaultProxy,
    each_call_once,
    each_write_once,
    error,
    error_after,
    shape_of,
    slow,
    too_many,
)
from tests.loopback import Handler, Loopback


class _Counter(Handler):
    """Answers how many requests it has got, and keeps them."""

    got: list

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.got.append((self.command, self.path, body, self.headers["Host"]))
        answer = json.dumps({"count": len(self.got)}).encode()
        self.send_response(201 if self.command == "POST" else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Seen", "yes")
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request  # noqa: N815


@pytest.fixture
def target():
    """A server that counts; its `got` are the requests as they came."""
    handler = type("Handler", (_Counter,), {"got": []})
    server = Loopback(handler)
    server.got = handler.got
    server.start()
    yield server
    server.stop()


def post(proxy, path="/things", **options):
    return requests.post(f"{proxy.url}{path}", data=b"body", timeout=10, **options)


def test_a_call_without_a_fault_passes_unchanged(target):
    with FaultProxy(target.url) as proxy:
        answer = post(proxy, "/things?page=2")

    assert (answer.status_code, answer.json()) == (201, {"count": 1})
    assert answer.headers["X-Seen"] == "yes"
    assert target.got == [("POST", "/things?page=2", b"body", proxy.url.removeprefix("http://"))]


def test_a_call_that_is_cut_before_does_not_arrive(target):
    with FaultProxy(target.url, each_call_once(CUT_BEFORE)) as proxy:
        with pytest.raises(requests.ConnectionError):
            post(proxy)
        again = post(proxy)

    assert again.json() == {"count": 1}


def test_a_call_that_is_dropped_after_has_arrived(target):
    with FaultProxy(target.url, each_call_once(DROP_AFTER)) as proxy:
        with pytest.raises(requests.ConnectionError):
            post(proxy)

        assert post(proxy).json() == {"count": 2}


@pytest.mark.parametrize(("fault", "count"), [(TWICE, 1), (TWICE_LAST, 2)])
def test_a_call_can_be_done_twice_with_either_answer(target, fault, count):
    with FaultProxy(target.url, each_call_once(fault)) as proxy:
        assert post(proxy).json() == {"count": count}

    assert len(target.got) == 2


@pytest.mark.parametrize(
    ("fault", "status", "arrived"),
    [(error(500), 500, 0), (error(502), 502, 0), (error_after(502), 502, 1), (too_many(7), 429, 0)],
)
def test_errors_come_before_or_after(target, fault, status, arrived):
    with FaultProxy(target.url, each_call_once(fault)) as proxy:
        answer = post(proxy)

    assert (answer.status_code, len(target.got)) == (status, arrived)
    assert answer.headers.get("Retry-After") == ("7" if status == 429 else None)


def test_an_answer_can_end_in_the_middle(target):
    with (
        FaultProxy(target.url, each_call_once(TRUNCATE)) as proxy,
        pytest.raises(requests.RequestException),
    ):
        post(proxy)

    assert len(target.got) == 1


def test_a_slow_answer_is_over_when_the_proxy_is_closed(target):
    with FaultProxy(target.url, each_call_once(slow(600))) as proxy:
        with pytest.raises(requests.ReadTimeout):
            requests.get(f"{proxy.url}/things", timeout=0.05)

        assert requests.get(f"{proxy.url}/things", timeout=10).status_code == 200


def test_each_shape_of_a_path_suffers_once(target):
    with FaultProxy(target.url, FaultProxy.each_call_once(error(500))) as proxy:
        statuses = [
            post(proxy, path).status_code
            for path in ("/pulls/1/reviews", "/pulls/2/reviews?a=b", "/pulls/1/comments")
        ]
        got = requests.get(f"{proxy.url}/pulls/1/reviews", timeout=10).status_code

    assert (statuses, got) == ([500, 201, 500], 500)
    assert [(call.method, call.shape) for call in proxy.faults] == [
        ("POST", "/pulls/{}/reviews"),
        ("POST", "/pulls/{}/comments"),
        ("GET", "/pulls/{}/reviews"),
    ]


def test_reads_pass_where_only_writes_suffer(target):
    with FaultProxy(target.url, each_write_once(error(500))) as proxy:
        assert requests.get(f"{proxy.url}/things", timeout=10).status_code == 200
        assert post(proxy).status_code == 500


def test_a_plan_of_rows_names_the_call(target):
    rows = [("POST", "/comments", 2, error(502)), ("", "/never", 0, error(500))]
    with FaultProxy(target.url, rows) as proxy:
        comments = [post(proxy, "/comments").status_code for _ in range(3)]
        never = [post(proxy, "/never").status_code for _ in range(2)]

    assert comments == [201, 502, 201]
    assert never == [500, 500]


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/repos/acme/shop/pulls/12/files?page=2", "/repos/acme/shop/pulls/{}/files"),
        (f"/repos/acme/shop/commits/{'a1' * 20}", "/repos/acme/shop/commits/{}"),
        (
            f"/api/v4/projects/acme%2Fshop/merge_requests/3/discussions/{'0f' * 20}/notes/9",
            "/api/v4/projects/acme%2Fshop/merge_requests/{}/discussions/{}/notes/{}",
        ),
        ("/repos/acme/shop/contents/app.py", "/repos/acme/shop/contents/app.py"),
    ],
)
def test_numbers_and_hashes_make_no_shape_of_their_own(path, shape):
    assert shape_of(path) == shape
