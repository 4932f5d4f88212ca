-- How often a bar came, and how its last one did.
  received_at,
  segment,
  line,
  CAST(COUNT(*) OVER (PARTITION BY market_date, ticker, bar_start) AS INT) AS revisions,
  CASE SUM(CASE WHEN segment LIKE 'rest-%' THEN 0 ELSE 1 END) OVER (PARTITION BY market_date, ticker, bar_start)
    WHEN 0 THEN 'rest' WHEN 1 THEN 'live' ELSE 'late' END AS came,
  revision,
  asof,
  source_uri,
  given
