"""The computational graph of a problem: operations, and what goes from one to the next."""
