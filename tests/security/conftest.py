"""One of everything that an address can name, for the walks over all routes."""

from tests.org.test_routes import lumika

__all__ = ["lumika"]
