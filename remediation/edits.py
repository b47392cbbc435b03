"""Search/replace edits, matched, bounded and applied; pure."""
