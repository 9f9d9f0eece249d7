"""Formulas: the tree, its parser, what functions are, derivatives, and whether one form follows
from another. No problem is known here."""
