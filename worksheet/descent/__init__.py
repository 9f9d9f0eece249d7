"""Gradient descent carried on: how far it goes, what becomes of it, and what a small change does."""
