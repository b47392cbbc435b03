"""Calls as they stand in the log."""

import json
from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from llm.models import ModelCall

SENT = [
    {"role": "system", "content": "You judge findings of a scanner."},
    {"role": "user", "content": "<script>alert(1)</script>\n" + "def f(x): return x\n" * 3},
]


class CallFactory(DjangoModelFactory):
    class Meta:
        model = ModelCall

    purpose = "judge"
    provider = "openai"
    model = "test-model"
    prompt_version = "0123456789abcdef" * 4
    request = json.dumps(SENT)
    response = '{"verdict": "needs_review"}'
    input_tokens = 1200
    cached_tokens = 1000
    output_tokens = 80
    cost_usd = "0.004200"
    duration_ms = 900
    outcome = "answered"
    created_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyAttribute(lambda call: call.created_at + timedelta(days=182))
