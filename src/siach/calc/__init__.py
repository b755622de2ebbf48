"""Pure arithmetic: numbers in, numbers out; no clock, no database, no framework."""
