"""Numbers on a page: decimals with the way they are written, how they are rounded, and how far
their digits are known."""
