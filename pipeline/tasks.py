"""One thin task a stage, and the sweep for what was lost."""
