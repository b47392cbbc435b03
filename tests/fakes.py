"""Stand-ins for other people's systems, at the rim."""

import json
from typing import ClassVar

from pydantic import BaseModel

from llm.providers.base import ProviderError, ProviderReply, ProviderRequest


class ScriptedProvider:
    """A provider that gives the replies it was given, in order; it keeps the requests.

    A reply is an answer (a pydantic model or a dict), a text, a ProviderReply, or a ProviderError
    to be raised.
    """

    name: ClassVar[str] = "scripted"
    limit_key: ClassVar[str] = ""
    is_offline: ClassVar[bool] = False

    def __init__(self, *replies):
        self.replies = list(replies)
        self.model = "scripted-model"
        self.requests: list[ProviderRequest] = []

    def with_model(self, model: str) -> "ScriptedProvider":
        self.model = model
        return self

    def complete(self, request: ProviderRequest) -> ProviderReply:
        self.requests.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, ProviderError):
            raise reply
        if isinstance(reply, ProviderReply):
            return reply
        if isinstance(reply, BaseModel):
            reply = reply.model_dump_json()
        return ProviderReply(text=reply if isinstance(reply, str) else json.dumps(reply))
