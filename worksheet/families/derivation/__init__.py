"""A derivation, form by form."""
