"""Read queries that several floors share."""
