-- Where a row of silver comes from, and the row as it was given: the end of the SELECT that types it.
  revision,
  asof,
  source_uri,
  given
FROM bronze
