"""What the pages of talk read. Frozen data out; everything counted comes from the counts."""
