"""Polygon's (Massive's) stream: what is declared of it, and what nobody heard of it, asked of the API."""
