"""The commands of the program that make many files."""
