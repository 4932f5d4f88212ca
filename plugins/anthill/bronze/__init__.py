"""Bronze: its keys, its commits, and S3 as the house uses it."""
