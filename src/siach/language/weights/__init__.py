"""Trained weights, one file for each language."""
