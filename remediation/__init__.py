"""How to make a finding go away: guidance, fixes, and the proof that a fix holds."""
