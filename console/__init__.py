"""The door of people: pages that show several apps."""
