"""Bronze: pages as received, an object a commit; the only writer of it."""
