-- From silver's minutes of the days to `moved`, each minute with its log return: from the minute before, the first of a day
-- from its own open.
WITH paired AS (
  SELECT *, LAG(close) OVER (PARTITION BY ticker, market_date ORDER BY bar_start) AS previous_close
  FROM {silver}.{asset_class}_minute_bars
  WHERE {days}
),
moved AS (
  SELECT *, ln(close / coalesce(previous_close, open)) AS log_return FROM paired
)
