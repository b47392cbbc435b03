"""Management of findings from the command line."""
