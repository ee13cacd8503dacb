"""The statements that write: one module a table, and no other place that writes it (law 6)."""
