"""GitHub.com and GitHub Enterprise Server: code, change requests and connections."""
