"""Gradient descent on a function of one or two variables."""
