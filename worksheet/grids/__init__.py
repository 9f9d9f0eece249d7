"""A training step of a network as the cells of one page."""
