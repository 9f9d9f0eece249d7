"""A spec: text with places becomes a problem, or all of its faults at once."""
