"""The trace of a solution: every arithmetic operation as data, and what records it."""
