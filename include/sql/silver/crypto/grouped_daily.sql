-- One bar a pair and UTC day, for every pair that was traded.
CREATE TABLE IF NOT EXISTS {silver}.crypto_grouped_daily (
  ticker STRING NOT NULL COMMENT 'Pair as the API writes it, base currency first: X:BTCUSD',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a UTC day',
{include silver/pair_day_columns.sql},
  volume DOUBLE NOT NULL COMMENT 'Units of the base currency traded, fractions included',
  vwap DOUBLE COMMENT 'Volume-weighted average price, rounded to 4 decimals by the source, units of the quote currency for one of the base currency',
  trades BIGINT COMMENT 'Number of transactions',
  window_time TIMESTAMP COMMENT 'Some moment of the day that the API gives with the bar, UTC; not its start or end',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'Crypto: daily bars of all pairs, one row a pair and UTC day';

{include silver/day_bars.sql},
  -- Whole numbers may come as 12.0 or 1.2e+01; a DOUBLE holds those up to 2^53 to the last digit.
  coalesce(TRY_CAST(trades AS BIGINT), CASE WHEN TRY_CAST(trades AS DOUBLE) = floor(TRY_CAST(trades AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(trades AS DOUBLE) AS BIGINT) END) AS trades,
  CASE WHEN TRY_CAST(window_time AS DOUBLE) BETWEEN 0 AND 4102444800000
    THEN timestamp_millis(CAST(TRY_CAST(window_time AS DOUBLE) AS BIGINT)) END AS window_time,
{include silver/from_bronze.sql};
