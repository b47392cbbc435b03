"""Which class serves which kind of connection."""

from collections.abc import Callable

from integrations.accounts import ConnectedAccount
from integrations.codehosts import CodeHost
from integrations.github.account import GitHubAccount
from integrations.github.codehost import GitHubCodeHost
from integrations.github.review_host import GitHubReviewHost
from integrations.gitlab.account import GitLabAccount
from integrations.gitlab.codehost import GitLabCodeHost
from integrations.gitlab.review_host import GitLabReviewHost
from integrations.local_git.codehost import LocalGitCodeHost
from integrations.models import Connection, ConnectionKind, RepositoryLink
from integrations.review_hosts import ReviewHost

CODE_HOSTS: dict[str, Callable[[RepositoryLink], CodeHost]] = {
    ConnectionKind.LOCAL_GIT: LocalGitCodeHost.of_link,
    ConnectionKind.GITHUB: GitHubCodeHost.of_link,
    ConnectionKind.GITLAB: GitLabCodeHost.of_link,
}
# A kind that is missing below has no change requests to speak in, and nothing to choose from.
REVIEW_HOSTS: dict[str, Callable[[RepositoryLink], ReviewHost]] = {
    ConnectionKind.GITHUB: GitHubReviewHost.of_link,
    ConnectionKind.GITLAB: GitLabReviewHost.of_link,
}
ACCOUNTS: dict[str, Callable[[Connection], ConnectedAccount]] = {
    ConnectionKind.GITHUB: GitHubAccount.of_connection,
    ConnectionKind.GITLAB: GitLabAccount.of_connection,
}
