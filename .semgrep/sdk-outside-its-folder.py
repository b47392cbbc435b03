"""What the rules must find, and what they must leave alone."""

# ruleid: openai-outside-its-folder
import openai

# ruleid: openai-outside-its-folder
from openai import Client

# ruleid: openai-outside-its-folder
from openai.types import Answer

# ok: openai-outside-its-folder
from ours.openai import Client as Ours

# ruleid: github-outside-its-folder
import github

# ruleid: github-outside-its-folder
from github import Client

# ruleid: github-outside-its-folder
from github.types import Answer

# ok: github-outside-its-folder
from ours.github import Client as Ours

# ruleid: gitlab-outside-its-folder
import gitlab

# ruleid: gitlab-outside-its-folder
from gitlab import Client

# ruleid: gitlab-outside-its-folder
from gitlab.types import Answer

# ok: gitlab-outside-its-folder
from ours.gitlab import Client as Ours

# ruleid: slack-sdk-outside-its-folder
import slack_sdk

# ruleid: slack-sdk-outside-its-folder
from slack_sdk import Client

# ruleid: slack-sdk-outside-its-folder
from slack_sdk.types import Answer

# ok: slack-sdk-outside-its-folder
from ours.slack_sdk import Client as Ours
