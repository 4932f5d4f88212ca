-- One bar a minute that had trades, for a list of pairs, from 00:00 to 24:00 UTC of the market day.
CREATE TABLE IF NOT EXISTS {silver}.crypto_minute_bars (
  ticker STRING NOT NULL COMMENT 'Pair as the API writes it, base currency first: X:BTCUSD',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a UTC day',
  bar_start TIMESTAMP NOT NULL COMMENT 'Start of the minute, UTC',
  open DOUBLE NOT NULL COMMENT 'First price of the minute, units of the quote currency for one of the base currency',
  high DOUBLE NOT NULL COMMENT 'Highest price of the minute, units of the quote currency for one of the base currency',
  low DOUBLE NOT NULL COMMENT 'Lowest price of the minute, units of the quote currency for one of the base currency',
  close DOUBLE NOT NULL COMMENT 'Last price of the minute, units of the quote currency for one of the base currency',
  volume DOUBLE NOT NULL COMMENT 'Units of the base currency traded, fractions included',
  vwap DOUBLE COMMENT 'Volume-weighted average price, rounded to 4 decimals by the source, units of the quote currency for one of the base currency',
  trades BIGINT COMMENT 'Number of transactions',
  revision INT NOT NULL COMMENT 'Bronze revision that the row was read from, counted from 1',
  asof TIMESTAMP NOT NULL COMMENT 'When the API answered, by its own clock, UTC',
  source_uri STRING NOT NULL COMMENT 'Bronze object that the row was read from, URI'
) USING delta
COMMENT 'Crypto: minute bars of a list of pairs, one row a pair and minute with trades';

SELECT
  ticker,
  market_date,
  CASE WHEN TRY_CAST(bar_start AS DOUBLE) BETWEEN 0 AND 4102444800000
    THEN timestamp_millis(CAST(TRY_CAST(bar_start AS DOUBLE) AS BIGINT)) END AS bar_start,
  TRY_CAST(open AS DOUBLE) AS open,
  TRY_CAST(high AS DOUBLE) AS high,
  TRY_CAST(low AS DOUBLE) AS low,
  TRY_CAST(close AS DOUBLE) AS close,
  TRY_CAST(volume AS DOUBLE) AS volume,
  TRY_CAST(vwap AS DOUBLE) AS vwap,
  -- Whole numbers may come as 12.0 or 1.2e+01; a DOUBLE holds those up to 2^53 to the last digit.
  coalesce(TRY_CAST(trades AS BIGINT), CASE WHEN TRY_CAST(trades AS DOUBLE) = floor(TRY_CAST(trades AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(trades AS DOUBLE) AS BIGINT) END) AS trades,
  revision,
  asof,
  source_uri,
  given
FROM bronze;
