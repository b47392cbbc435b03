"""The customers, and the wall between them."""
