"""HTTP for all blocks: headers, conditional requests, ranges, request fields, errors."""
