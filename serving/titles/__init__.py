"""What several blocks read of titles: their fields, their order, the filters of lists."""
