"""Networks: how posts are heard and answers sent. A library: it knows neither Django nor any room."""

from siach.networks.registry import load, names

__all__ = ["load", "names"]
