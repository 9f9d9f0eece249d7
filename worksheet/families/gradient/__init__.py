"""A function of several variables and its gradient."""
