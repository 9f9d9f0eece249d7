"""What a page shows of a trace: chains of lines for each phase, one weight at a time or in
matrices."""
