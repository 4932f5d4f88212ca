"""Kept queries on gold's files: `make test-consumption`."""
