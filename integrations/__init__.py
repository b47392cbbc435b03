"""Other people's systems, each in its own words."""
