-- When a message came, typed.
  timestamp_millis(CAST(TRY_CAST(received_at AS DOUBLE) AS BIGINT)) AS received_at,
  segment,
  TRY_CAST(line AS INT) AS line
