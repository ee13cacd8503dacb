"""What a block is, what it gets from the application, and who sends a request."""
