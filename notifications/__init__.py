"""Who hears of what was found, and where; each message once."""
