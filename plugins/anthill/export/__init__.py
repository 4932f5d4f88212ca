"""Rows written into files: forms, places that never hold half a file, and tables of the lake."""
