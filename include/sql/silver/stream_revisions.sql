-- How often a bar came, and how its last one did.
  received_at,
  segment,
  line,
  CAST(COUNT(*) OVER (PARTITION BY market_date, ticker, bar_start) AS INT) AS revisions,
  CASE WHEN segment LIKE 'rest-%' THEN 'rest'
    WHEN SUM(CASE WHEN segment LIKE 'rest-%' THEN 0 ELSE 1 END) OVER (PARTITION BY market_date, ticker, bar_start) > 1 THEN 'late'
    ELSE 'live' END AS came,
  revision,
  asof,
  source_uri,
  given
