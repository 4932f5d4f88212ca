"""What an environment costs a month, part by part, recomputed from a price file."""
