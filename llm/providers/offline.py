"""The provider for installations without a model: rules of thumb, never called AI."""

from typing import ClassVar

from llm.providers.base import ProviderReply, ProviderRequest


class OfflineProvider:
    """Gives the answer that the asking app's own rules of thumb come to."""

    name: ClassVar[str] = "offline"
    model: ClassVar[str] = "rules of thumb"
    limit_key: ClassVar[str] = ""
    is_offline: ClassVar[bool] = True

    def with_model(self, model: str) -> "OfflineProvider":  # noqa: ARG002 the protocol's
        """Return itself: there is no model."""
        return self

    def complete(self, request: ProviderRequest) -> ProviderReply:
        """Answer on the spot."""
        return ProviderReply(text=request.offline_answer())
