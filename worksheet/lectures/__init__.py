"""Lectures: several problems and a lecturer's prose in one document."""
