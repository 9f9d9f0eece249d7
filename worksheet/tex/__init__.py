"""The TeX of a formula, written and read: symbols, lines of equal forms, boxes, and the other
notations they become."""
