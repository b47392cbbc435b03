"""The rows that the bench of webhooks needs, and what became of its events; prints JSON.

`prepare` makes an organization with an app, a repository and a webhook; `look` says how far the
workers have come.
"""

import argparse
import json
import uuid

import django
from django.db.models import Count, Q, Sum

django.setup()

from integrations.credentials import lock_away  # noqa: E402 needs Django
from integrations.models import (  # noqa: E402
    Connection,
    ConnectionKind,
    GitHubApp,
    RepositoryLink,
    SignIn,
    WebhookReceipt,
)
from integrations.webhooks import endpoint_secret, endpoint_url, make_endpoint  # noqa: E402
from tenants.jobs import JobStatus  # noqa: E402
from tenants.models import Organization, Project  # noqa: E402
from tenants.scope import organization_scope  # noqa: E402

# Nobody listens there: what is asked of the code host is refused at once.
NOWHERE = "http://127.0.0.1:9"
INSTALLATION_ID = 44
REPOSITORY_ID = 15


def main() -> None:
    """Do what the arguments name."""
    parser = argparse.ArgumentParser()
    parser.add_argument("act", choices=["prepare", "look"])
    parser.add_argument("--organization", type=int, default=0)
    wanted = parser.parse_args()
    if wanted.act == "prepare":
        print(json.dumps(prepare()))
    else:
        with organization_scope(wanted.organization):
            print(json.dumps(look()))


def prepare() -> dict[str, object]:
    """Make the rows; return where and how to deliver."""
    organization = Organization.objects.create(slug=f"bench-{uuid.uuid4().hex[:12]}", name="Bench")
    with organization_scope(organization.pk):
        app = GitHubApp.objects.create(
            app_id=1,
            slug="assay",
            name="Assay",
            base_url=NOWHERE,
            encrypted_credentials=lock_away({}),
        )
        connection = Connection.objects.create(
            kind=ConnectionKind.GITHUB,
            name="acme",
            sign_in=SignIn.APP,
            base_url=NOWHERE,
            app=app,
            installation_id=INSTALLATION_ID,
        )
        RepositoryLink.objects.create(
            project=Project.objects.create(name="acme/shop"),
            connection=connection,
            location="acme/shop",
            external_id=str(REPOSITORY_ID),
        )
        endpoint = make_endpoint(kind=ConnectionKind.GITHUB, app=app)
        return {
            "organization": organization.pk,
            "url": endpoint_url(endpoint),
            "secret": endpoint_secret(endpoint),
        }


def look() -> dict[str, int]:
    """Return how many events are kept, done and failed, and how often one was begun."""
    counts: dict[str, int] = WebhookReceipt.objects.aggregate(
        kept=Count("id"),
        done=Count("id", filter=Q(status=JobStatus.DONE)),
        failed=Count("id", filter=Q(status=JobStatus.FAILED)),
        claims=Sum("claims"),
    )
    return counts


if __name__ == "__main__":
    main()
