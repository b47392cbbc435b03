"""The door of time: what happens after what."""
