-- The minutes of pairs, typed, but for what is counted in them.
SELECT
  ticker,
  market_date,
  CASE WHEN TRY_CAST(bar_start AS DOUBLE) BETWEEN 0 AND 4102444800000
    THEN timestamp_millis(CAST(TRY_CAST(bar_start AS DOUBLE) AS BIGINT)) END AS bar_start,
{include silver/bar_values.sql}
