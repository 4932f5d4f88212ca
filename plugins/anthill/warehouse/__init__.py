"""Questions to the tables over the SQL statements API, with the rights of whoever asks."""
