"""Every printed relation is computed again from the page's own strings: nothing of the solution is
known here."""
