"""Tables of a PostgreSQL database, all of them as of one moment."""
