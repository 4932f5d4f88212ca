-- From `minutes` (ticker, security, market_date, bar_start, opens_at, closes_at, source_uri) to `gapped`. Gap in minutes: 15
-- minutes or more of a session without a bar, begin and end included, though nine in ten of all its other minutes have one.
stepped AS (
  SELECT *,
    unix_timestamp(bar_start) - unix_timestamp(coalesce(
      LAG(bar_start) OVER (PARTITION BY ticker, market_date ORDER BY bar_start) + INTERVAL 1 MINUTE, opens_at)) AS without
  FROM minutes
  WHERE bar_start >= opens_at AND bar_start < closes_at
),
held AS (
  SELECT ticker, security, market_date, count(*) AS bars, min(source_uri) AS source_uri,
    max(unix_timestamp(closes_at) - unix_timestamp(opens_at)) / 60 AS session_minutes,
    greatest(max(without), max(unix_timestamp(closes_at)) - max(unix_timestamp(bar_start)) - 60) / 60 AS minutes
  FROM stepped
  GROUP BY ticker, security, market_date
),
gapped AS (
  SELECT ticker, market_date, 'minute_gap' AS reason, CAST(minutes AS DOUBLE) AS size, 'minutes without a bar' AS size_means,
    CAST(NULL AS DOUBLE) AS forecast, market_date AS known_on, source_uri, CAST(NULL AS TIMESTAMP) AS corrected_at, security
  FROM held
  WHERE minutes >= 15 AND bars >= 0.9 * (session_minutes - minutes)
)
