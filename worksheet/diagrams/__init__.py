"""Networks as mermaid text and as drawings."""
