"""What an organization has taught us, and where it applies."""
