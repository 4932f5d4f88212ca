-- The stream's minutes of a day against those of REST, field by field.
-- By a function: Sail takes a time whose plain CAST is one day for midnight, and numbers rows of different minutes as of one.
WITH heard AS (
  SELECT ticker, CAST(from_utc_timestamp(bar_start, 'UTC') AS DATE) AS market_date, market_date AS recorded_under,
    bar_start AS minute, came, received_at, segment, line, open, high, low, close, volume, vwap
  FROM {silver}.crypto_minute_stream
  WHERE market_date BETWEEN date_add(:market_date_from, -7) AND date_add(:market_date_to, 7)
),
theirs AS (
  SELECT ticker, market_date, bar_start AS minute, open, high, low, close, volume, vwap
  FROM {silver}.crypto_minute_bars
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
),
{include reconciliation/settled_minutes.sql};
