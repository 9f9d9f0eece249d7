"""Formula graphs: quantities given by formulas of earlier ones."""
