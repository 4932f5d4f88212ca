"""Years of market days at a time: planned in chunks, landed, loaded, and told at the end."""
