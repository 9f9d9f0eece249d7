"""What is asked, what a key accepts, and which mistakes it knows."""
