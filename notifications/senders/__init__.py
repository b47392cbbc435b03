"""How messages go out: one module a channel, behind one protocol."""
