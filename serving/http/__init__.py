"""HTTP as all blocks speak it: headers, conditional requests, ranges, fields of requests, errors."""
