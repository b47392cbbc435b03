"""GitLab, by its REST API and its webhooks."""
