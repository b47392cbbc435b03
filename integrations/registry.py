"""Which class serves which kind of connection."""

from collections.abc import Callable

from integrations.codehosts import CodeHost
from integrations.local_git.codehost import LocalGitCodeHost
from integrations.models import ConnectionKind, RepositoryLink

CODE_HOSTS: dict[str, Callable[[RepositoryLink], CodeHost]] = {
    ConnectionKind.LOCAL_GIT: LocalGitCodeHost.of_link,
}
