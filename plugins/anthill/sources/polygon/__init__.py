"""The Polygon.io (Massive) REST API: hook, paging, rate limit, errors."""
