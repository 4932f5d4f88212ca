-- One bar a minute that had trades, for a list of pairs, from 00:00 to 24:00 UTC of the market day.
CREATE TABLE IF NOT EXISTS {silver}.crypto_minute_bars (
  ticker STRING NOT NULL COMMENT 'Pair as the API writes it, base currency first: X:BTCUSD',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a UTC day',
  bar_start TIMESTAMP NOT NULL COMMENT 'Start of the minute, UTC',
{include silver/pair_minute_columns.sql},
  volume DOUBLE NOT NULL COMMENT 'Units of the base currency traded, fractions included',
  vwap DOUBLE COMMENT 'Volume-weighted average price, rounded to 4 decimals by the source, units of the quote currency for one of the base currency',
  trades BIGINT COMMENT 'Number of transactions',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'Crypto: minute bars of a list of pairs, one row a pair and minute with trades';

{include silver/pair_minutes.sql},
  -- Whole numbers may come as 12.0 or 1.2e+01; a DOUBLE holds those up to 2^53 to the last digit.
  coalesce(TRY_CAST(trades AS BIGINT), CASE WHEN TRY_CAST(trades AS DOUBLE) = floor(TRY_CAST(trades AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(trades AS DOUBLE) AS BIGINT) END) AS trades,
{include silver/from_bronze.sql};
