"""Series of variants: written to disk as specs, laid out as sheets and keys, or tried out in
numbers."""
