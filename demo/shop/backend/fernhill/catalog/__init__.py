"""Plants, pictures and reviews."""
