"""Deferring work by the job's name: as everywhere in Siach."""

from siach.org.jobs import defer

__all__ = ["defer"]
