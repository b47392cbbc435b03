"""Whether we live and are ready; for operators, without any tenant's data."""

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

ANSWER_WITHIN_SECONDS = 2


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 a view's signature
    """Say that the process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 a view's signature
    """Say whether the database and the broker answer; 503 while one does not."""
    answers = {"database": _database_answers(), "broker": _broker_answers()}
    is_ready = all(answers.values())
    body = {name: "ok" if answer else "unreachable" for name, answer in answers.items()}
    return JsonResponse(
        {"status": "ok" if is_ready else "unavailable", **body}, status=200 if is_ready else 503
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker_answers() -> bool:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=ANSWER_WITHIN_SECONDS, retry=Retry(NoBackoff(), 0)
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
