"""Two platforms that run while a worker tells the stories that can share them.

A story makes an organization of its own. One that kills what runs starts a platform of its own.
`tests/conftest.py` has one worker tell all stories of a platform.
"""

import pytest

from tests.databases import copy_pattern, has_pattern
from tests.model_server import ModelServer
from tests.slack_server.server import SlackServer
from tests.story.platform import running_platform


def migrated():
    """Return the setting that spares a platform its migrations, which the demo still makes."""
    return {"DATABASE_URL": copy_pattern()} if has_pattern() else {}


@pytest.fixture(scope="package")
def offline_platform():
    """A platform without a model: rules of thumb judge."""
    with running_platform(**migrated()) as platform:
        yield platform


@pytest.fixture(scope="package")
def model():
    """The server of the model that `model_platform` asks; a story sets its `default`."""
    with ModelServer() as model:
        yield model


@pytest.fixture(scope="package")
def slack():
    """The Slack that `model_platform` speaks to."""
    with SlackServer() as slack:
        yield slack


@pytest.fixture(scope="package")
def model_platform(model, slack):
    """A platform with a model, which may call code hosts and Slack on this machine."""
    with running_platform(
        **migrated(),
        ALLOW_PRIVATE_ADDRESSES="127.0.0.1",
        OPENAI_API_KEY="a-key-for-tests",
        OPENAI_BASE_URL=model.url,
        ASSISTANT_MODEL="test-model",
        SLACK_URL=slack.url,
        CODE_HOST_SECONDS_BETWEEN_WRITES="0",
    ) as platform:
        yield platform
