"""What the scanners reported."""
