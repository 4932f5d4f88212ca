"""A local server that speaks the Polygon.io REST API over a simulated or replayed market."""
