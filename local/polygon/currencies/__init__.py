"""Simulated pairs of currencies and coins."""
