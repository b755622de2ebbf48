"""A network that does not exist, for demos and drills: it shows what was planned, takes answers, and fails on request.

It stands in for every network at once and reaches nobody: all of it is one SQLite file. No folder of a network has its
`connector.py`, so nobody can connect to it.
"""
