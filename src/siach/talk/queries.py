"""What pages of the trunk read. Counts come from counts, never from posts."""
