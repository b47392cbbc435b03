"""Which provider serves an organization."""

from collections.abc import Callable

from django.conf import settings

from core.encryption import CredentialUnreadableError, decrypt
from llm.configuration import assistant_settings
from llm.models import AssistantSettings, ProviderKind
from llm.providers import openai
from llm.providers.base import Provider
from llm.providers.offline import OfflineProvider
from llm.providers.targets import Target, host_of, target_of
from llm.providers.unusable import UnusableProvider

# By the words of the setting ASSISTANT_PROVIDER.
PROVIDERS: dict[str, Callable[[], Provider]] = {
    "offline": OfflineProvider,
    "openai": openai.from_settings,
}


def installation_provider() -> Provider:
    """Return the provider that the operator set up; needs no organization and no database."""
    return PROVIDERS[settings.ASSISTANT_PROVIDER]()


def current_provider() -> Provider:
    """Return the provider of the organization in scope."""
    return provider_for(assistant_settings())


def provider_with_model(model: str) -> Provider:
    """Return the provider of the organization in scope, with another of its models.

    Rules of thumb for a blank one, and where they answer anyway.
    """
    provider = current_provider()
    return provider.with_model(model) if model else OfflineProvider()


def is_model_allowed(model: str) -> bool:
    """Say whether the organization in scope may name this model.

    On its own provider any; on the installation's those alone whose price the operator accepted.
    """
    if assistant_settings().provider != ProviderKind.INSTALLATION:
        return True
    return model in {current_provider().model, *settings.ASSISTANT_OTHER_MODELS}


def provider_for(wanted: AssistantSettings) -> Provider:
    """Return the provider that an organization's settings name.

    Rules of thumb answer where it lets nothing leave, and where its own provider still needs its
    consent. An own provider whose key cannot be read answers nothing: neither the installation's
    model nor rules of thumb stand in for it unseen.
    """
    if not wanted.is_enabled:
        return OfflineProvider()
    if wanted.provider == ProviderKind.INSTALLATION:
        return installation_provider()
    if wanted.consented_at is None or wanted.consented_host != host_of(wanted.base_url):
        return OfflineProvider()
    try:
        return openai.from_target(own_target(wanted))
    except CredentialUnreadableError as error:
        return UnusableProvider(name=wanted.provider, model=wanted.model, reason=error.detail)


def own_target(wanted: AssistantSettings) -> Target:
    """Return where an organization's own provider is. Raises CredentialUnreadableError."""
    return target_of(
        kind=ProviderKind(wanted.provider),
        address=wanted.base_url,
        model=wanted.model,
        api_key=decrypt(wanted.encrypted_api_key) if wanted.encrypted_api_key else "",
        owner=str(wanted.organization_id),
    )
