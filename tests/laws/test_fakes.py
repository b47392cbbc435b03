"""Our stand-ins have the shape of what they stand for."""

import inspect

import pytest

from integrations.accounts import ConnectedAccount
from integrations.review_hosts import ReviewHost
from tests.fake_accounts import FakeAccount
from tests.fakes import FakeReviewHost

FAKES = [(ReviewHost, FakeReviewHost), (ConnectedAccount, FakeAccount)]
METHODS = [
    pytest.param(protocol, fake, name, id=f"{protocol.__name__}.{name}")
    for protocol, fake in FAKES
    for name in vars(protocol)
    if not name.startswith("_")
]


def parameters(one, name):
    return [(p.name, p.kind) for p in inspect.signature(getattr(one, name)).parameters.values()]


# That the real ones have it, mypy sees in integrations/registry.py.
@pytest.mark.parametrize(("protocol", "fake", "name"), METHODS)
def test_a_fake_takes_what_its_protocol_gives(protocol, fake, name):
    assert parameters(fake, name) == parameters(protocol, name)


@pytest.mark.parametrize(
    ("protocol", "method"), [(ReviewHost, "post_comments"), (ConnectedAccount, "who")]
)
def test_the_protocols_have_methods(protocol, method):
    assert method in vars(protocol)
