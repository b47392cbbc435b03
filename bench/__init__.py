"""The figures, and how they are taken."""
