"""Problem and trace to Markdown: what templates know, and what they may do."""
