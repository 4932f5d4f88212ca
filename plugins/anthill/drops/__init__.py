"""Files that people drop into a bucket: found by a listing, landed, loaded, and answered where they can read it."""
