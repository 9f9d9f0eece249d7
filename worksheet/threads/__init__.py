"""The thread of a number: where on a page it was worked out, and where it is used next."""
