"""Fills an organization and takes the times of its recommended tasks; prints JSON."""

import argparse
import json
import statistics
import time
import uuid
from collections.abc import Callable

import django

django.setup()

from django.utils import timezone  # noqa: E402 needs Django

from bench.dashboard_rows import fill  # noqa: E402
from insights.choosing import TASKS_A_WEEK, choose_tasks  # noqa: E402
from insights.models import RecommendedTask  # noqa: E402
from insights.priorities import ranked_bundles  # noqa: E402
from insights.tasks import tasks_of_week  # noqa: E402
from tenants.models import Organization  # noqa: E402
from tenants.scope import organization_scope  # noqa: E402


def main() -> None:
    """Fill and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    wanted = parser.parse_args()
    slug = f"bench-{uuid.uuid4().hex[:12]}"
    fill(slug=slug, size=wanted.size)
    with organization_scope(Organization.objects.get(slug=slug).pk):
        print(json.dumps({"size": wanted.size, **measure(wanted.rounds)}))


def measure(rounds: int) -> dict[str, float]:
    """Take the times in milliseconds: to rank, to choose the week's tasks, to show them."""
    now = timezone.now()

    def rank() -> None:
        ranked_bundles(now=now, limit=TASKS_A_WEEK)

    def choose() -> None:
        RecommendedTask.objects.all().delete()
        choose_tasks(now=now)

    def show() -> None:
        tasks_of_week(now=now)

    times = {
        f"{name}_ms": _median(act, rounds)
        for name, act in (("ranked", rank), ("chosen", choose), ("shown", show))
    }
    return times | {"bundled": sum(task.total for task in tasks_of_week(now=now))}


def _median(act: Callable[[], None], rounds: int) -> float:
    milliseconds = []
    for _round in range(rounds):
        began = time.perf_counter()
        act()
        milliseconds.append(1000 * (time.perf_counter() - began))
    return statistics.median(milliseconds)


if __name__ == "__main__":
    main()
