"""The kind `files`: tables that somebody publishes as members of zips on a web server."""
