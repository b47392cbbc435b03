"""Management of rules from the command line."""
