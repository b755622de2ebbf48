"""Aluma: a bakery chain that does not exist, and four months of talk about it, made from a seed and a moment.

`make` gives a World: who spoke, where, what was said, and for each post what it truly is. It knows no room and no other
library, and nothing in it is random but by its seed.
"""
