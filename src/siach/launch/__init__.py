"""How Siach starts: the data folder, the database, the processes. Knows nothing of the rooms above it."""


class CannotStart(Exception):
    """What stands in the way, as a plain sentence for the person at the terminal."""
