"""How a notice reads where it is sent."""
