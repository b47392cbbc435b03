"""The provider of an organization whose own one cannot be asked, and the reason why."""

from dataclasses import dataclass, replace
from typing import NoReturn

from llm.models import Outcome
from llm.providers.base import ProviderError, ProviderRequest, Retry


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusableProvider:
    """Answers no question, and says what an admin can do."""

    name: str
    model: str
    reason: str

    @property
    def limit_key(self) -> str:
        """Nothing is called, so nothing is limited."""
        return ""

    @property
    def is_offline(self) -> bool:
        """No rules of thumb stand in: that would look like the model's verdicts."""
        return False

    def with_model(self, model: str) -> "UnusableProvider":
        """Return a provider that is as unusable."""
        return replace(self, model=model)

    def complete(self, request: ProviderRequest) -> NoReturn:  # noqa: ARG002 the protocol's
        """Raise ProviderError."""
        raise ProviderError(Outcome.REJECTED, self.reason, retry=Retry.NEVER)
