"""One message a day over all sources, for who wants to read that all is well."""
