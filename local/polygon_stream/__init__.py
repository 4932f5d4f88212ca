"""The other end of a stream: Polygon's (Massive's) WebSocket over the bars that the simulated API has."""
