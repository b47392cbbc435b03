"""All doors of the API; importing them puts them into the table."""

from tests.github_server.doors import (
    apps,
    checks,
    comments,
    contents,
    git_data,
    hooks,
    pulls,
    repositories,
    reviews,
)

LOADED = (apps, checks, comments, contents, git_data, hooks, pulls, repositories, reviews)
