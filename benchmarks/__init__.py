"""Measurements: each module prints both sides of one run."""
