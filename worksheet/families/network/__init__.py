"""Feed-forward networks: forward pass, loss, backward pass, weight update, epoch after epoch."""
