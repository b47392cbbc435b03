"""The protocol of `semgrep ci`."""
