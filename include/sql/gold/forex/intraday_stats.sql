-- The day of each pair of the list, from its minutes.
-- The average price is made of each minute's (high + low + close) / 3: the source rounds its own to 4 decimals.
-- Key: ticker, market_date
-- NULL: intraday_vwap where the minutes have no quotes
CREATE TABLE IF NOT EXISTS {gold}.forex_intraday_stats (
  ticker STRING NOT NULL COMMENT 'Pair, base currency first: C:EURUSD',
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day; Sundays begin and Fridays end at 17:00 New York',
  minutes BIGINT COMMENT 'Minutes with a bar, number',
  first_bar_at TIMESTAMP COMMENT 'Start of the first of them, UTC',
  last_bar_at TIMESTAMP COMMENT 'Start of the last of them, UTC',
  intraday_open DOUBLE COMMENT 'First price of the minutes, units of the quote currency for one of the base currency',
  intraday_high DOUBLE COMMENT 'Highest price of the minutes, units of the quote currency for one of the base currency',
  intraday_low DOUBLE COMMENT 'Lowest price of the minutes, units of the quote currency for one of the base currency',
  intraday_close DOUBLE COMMENT 'Last price of the minutes, units of the quote currency for one of the base currency',
  intraday_volume DOUBLE COMMENT 'Quotes counted, number',
  intraday_vwap DOUBLE COMMENT 'Average price weighted by quotes, units of the quote currency for one of the base currency',
  realised_volatility DOUBLE COMMENT 'Square root of the sum of squared log returns from minute to minute, fraction a day',
  realised_volatility_annualised DOUBLE COMMENT 'realised_volatility * sqrt(313), fraction a year: as many market days has one, short Sundays included',
  largest_move DOUBLE COMMENT 'Largest log return of a minute, up or down, without its sign, fraction',
  open DOUBLE COMMENT 'Old name of intraday_open, for one release',
  high DOUBLE COMMENT 'Old name of intraday_high, for one release',
  low DOUBLE COMMENT 'Old name of intraday_low, for one release',
  close DOUBLE COMMENT 'Old name of intraday_close, for one release',
  volume DOUBLE COMMENT 'Old name of intraday_volume, for one release',
  vwap DOUBLE COMMENT 'Old name of intraday_vwap, for one release'
) USING delta
COMMENT 'Forex: what the minutes of a day tell, one row a pair of the list and market day';

WITH paired AS (
  SELECT *, LAG(close) OVER (PARTITION BY ticker, market_date ORDER BY bar_start) AS previous_close
  FROM {silver}.forex_minute_bars
  WHERE {days}
),
moved AS (
  SELECT *, ln(close / coalesce(previous_close, open)) AS log_return FROM paired
),
stats AS (
  SELECT
    ticker,
    market_date,
    count(*) AS minutes,
    min(bar_start) AS first_bar_at,
    max(bar_start) AS last_bar_at,
    min_by(open, bar_start) AS intraday_open,
    max(high) AS intraday_high,
    min(low) AS intraday_low,
    max_by(close, bar_start) AS intraday_close,
    sum(volume) AS intraday_volume,
    sum((high + low + close) / 3 * volume) / nullif(sum(volume), 0) AS intraday_vwap,
    sqrt(sum(log_return * log_return)) AS realised_volatility,
    sqrt(sum(log_return * log_return)) * sqrt(313) AS realised_volatility_annualised,
    max(abs(log_return)) AS largest_move
  FROM moved
  GROUP BY ticker, market_date
)
SELECT *,
  intraday_open AS open,
  intraday_high AS high,
  intraday_low AS low,
  intraday_close AS close,
  intraday_volume AS volume,
  intraday_vwap AS vwap
FROM stats;
