"""`python -m demo --summary FILE`: run the demo's job against the platform that is running."""

import argparse
import json
import logging
import os
from pathlib import Path

import django
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


def main() -> None:
    """Run the job with progress bars, print the login, and write the summary to a file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--summary", type=Path, required=True)
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant_platform.settings")
    django.setup()
    logging.getLogger().setLevel(logging.WARNING)
    from demo.job import ADMIN_EMAIL, comments_page, dashboard_page, run_demo  # noqa: PLC0415 models need django.setup() first
    from demo.mails import newest_mail  # noqa: PLC0415 as above

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:<36}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        summary, login = run_demo(progress)
    console.print(f"\nDashboard: [bold]{dashboard_page()}[/bold]")
    console.print(f"Findings: [bold]{summary['url']}[/bold]")
    console.print(f"Comments of a change request: [bold]{comments_page(login)}[/bold]")
    if mail := newest_mail():
        console.print(f"The Monday mail it would send: {mail}", markup=False, soft_wrap=True)
    console.print(f"Login:    {ADMIN_EMAIL}  password: {login.password}", markup=False)
    arguments.summary.write_text(json.dumps(summary))


if __name__ == "__main__":
    main()
