"""A chain of functions and the chain rule."""
