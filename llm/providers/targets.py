"""Where questions go: an address, a key and a model, read from what an organization entered."""

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from llm.models import ProviderKind

OPENAI_ADDRESS = "https://api.openai.com/v1"
_COMPLETIONS = "/chat/completions"
_DEPLOYMENTS = "deployments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One model at one address.

    `owner` is the organization that entered it, blank for the installation's own: limits and
    broken circuits of one are not those of another.
    """

    name: str
    base_url: str
    api_key: str = field(repr=False)
    model: str
    owner: str = ""
    api_key_header: str = ""
    query_items: tuple[tuple[str, str], ...] = ()

    @property
    def is_customers(self) -> bool:
        """Whether a customer chose the address, so that it may not be private."""
        return bool(self.owner)

    @property
    def has_bearer(self) -> bool:
        """Whether the key travels as `Authorization: Bearer`."""
        return not self.api_key_header

    @property
    def headers(self) -> Mapping[str, str]:
        """What is sent with every question."""
        return {self.api_key_header: self.api_key} if self.api_key_header else {}

    @property
    def query(self) -> Mapping[str, str]:
        """What follows the question mark of every address."""
        return dict(self.query_items)

    @property
    def limit_key(self) -> str:
        """Calls of one key share a limit."""
        place = self.base_url if not self.owner else f"{self.owner}\n{self.base_url}"
        return f"openai:{hashlib.sha256(place.encode()).hexdigest()[:12]}"


def target_of(*, kind: ProviderKind, address: str, model: str, api_key: str, owner: str) -> Target:
    """Return the target of an organization's own provider.

    For Azure, `address` is the full target URI of a deployment, as its portal shows it.
    """
    if kind == ProviderKind.AZURE:
        parts = urlsplit(address)
        return Target(
            name=kind,
            base_url=_without_end(f"{parts.scheme}://{parts.netloc}{parts.path}"),
            api_key=api_key,
            model=model or deployment_of(address),
            owner=owner,
            api_key_header="api-key",
            query_items=tuple(parse_qsl(parts.query)),
        )
    # Named in full: the SDK would take a blank one from the operator's environment.
    base_url = OPENAI_ADDRESS if kind == ProviderKind.OPENAI else _without_end(address)
    return Target(name=kind, base_url=base_url, api_key=api_key, model=model, owner=owner)


def deployment_of(address: str) -> str:
    """Return the name of the deployment in an Azure target URI; blank where it has none."""
    parts = urlsplit(address).path.split("/")
    names = [after for before, after in itertools.pairwise(parts) if before == _DEPLOYMENTS]
    return names[0] if names else ""


def host_of(address: str) -> str:
    """Return scheme, host and port of an address: to whom code and key go; blank is OpenAI's."""
    parts = urlsplit(address or OPENAI_ADDRESS)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _without_end(address: str) -> str:
    return address.rstrip("/").removesuffix(_COMPLETIONS).rstrip("/")
