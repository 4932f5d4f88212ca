"""Faults on purpose: which requests they meet, and what becomes of the answer and the connection."""
