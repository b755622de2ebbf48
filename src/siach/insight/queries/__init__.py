"""What Today and Activity read: counts, never posts, in a constant number of queries."""
