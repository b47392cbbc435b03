"""Reading across apps."""
