"""Problem families: one file each, `solve(problem) -> Trace`."""
