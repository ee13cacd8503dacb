"""What viewers reach: blocks that each serve one thing, and the application that joins them."""
