"""Management of tenants from the command line."""
