"""What a judge works with: decimals and dual numbers, by other means than the solver's."""
