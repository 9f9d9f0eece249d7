"""Exams: a class list and copies, their keys, tables and manifest, and the way back from a code."""
