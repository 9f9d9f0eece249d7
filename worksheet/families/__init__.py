"""Families of problems, a folder each: what an author writes, how it is solved, how it is judged,
what its page says."""
