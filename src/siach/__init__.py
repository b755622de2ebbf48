"""Siach: hear what is said about a brand, understand it, answer it, keep the record."""

__version__ = "0.1.0"
