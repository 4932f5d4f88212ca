"""Erasure: a person, or a day, out of bronze, silver and gold of what is about people."""
