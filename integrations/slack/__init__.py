"""Slack: its Web API, its signed requests, and its app's manifest, in its own words."""
