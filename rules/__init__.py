"""What the scanner looks for, and what follows from a match."""
