"""Understanding of language: cleaning, finding brands, reading a post. Knows no table and no page."""
