"""A second kind of source, for tests: batches of rows by a script."""
