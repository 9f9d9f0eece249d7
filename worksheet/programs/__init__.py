"""A solution as a short program to read and to run."""
