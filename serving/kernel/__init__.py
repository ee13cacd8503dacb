"""The kernel of the API: blocks, the context that they share, transactions and the viewer of a request."""
