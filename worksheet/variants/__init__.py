"""Variants: the same problem with other numbers, searched for, counted and written."""
