"""A function of one variable."""
