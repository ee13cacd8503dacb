"""The API: blocks that each serve one area, and the application that joins them."""
