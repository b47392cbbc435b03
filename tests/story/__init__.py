"""Stories on the whole platform; as a package, they share what its conftest starts for them."""
