"""The demo: founded, loaded and removed."""
