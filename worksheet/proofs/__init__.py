"""The proofs that a document must pass before it is written."""
