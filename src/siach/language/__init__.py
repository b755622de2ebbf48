"""Understanding of language: cleaning, finding brands, reading what a post says. Knows no table and no page."""
