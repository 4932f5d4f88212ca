-- One bar a pair and UTC day, for every pair that was traded.
CREATE TABLE IF NOT EXISTS {silver}.crypto_grouped_daily (
  ticker STRING NOT NULL COMMENT 'Pair as the API writes it, base currency first: X:BTCUSD',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a UTC day',
  open DOUBLE NOT NULL COMMENT 'First price of the day, units of the quote currency for one of the base currency',
  high DOUBLE NOT NULL COMMENT 'Highest price of the day, units of the quote currency for one of the base currency',
  low DOUBLE NOT NULL COMMENT 'Lowest price of the day, units of the quote currency for one of the base currency',
  close DOUBLE NOT NULL COMMENT 'Last price of the day, units of the quote currency for one of the base currency',
  volume DOUBLE NOT NULL COMMENT 'Units of the base currency traded, fractions included',
  vwap DOUBLE COMMENT 'Volume-weighted average price, rounded to 4 decimals by the source, units of the quote currency for one of the base currency',
  trades BIGINT COMMENT 'Number of transactions',
  window_time TIMESTAMP COMMENT 'Some moment of the day that the API gives with the bar, UTC; not its start or end',
  revision INT NOT NULL COMMENT 'Bronze revision that the row was read from, counted from 1',
  asof TIMESTAMP NOT NULL COMMENT 'When the API answered, by its own clock, UTC',
  source_uri STRING NOT NULL COMMENT 'Bronze object that the row was read from, URI'
) USING delta
COMMENT 'Crypto: daily bars of all pairs, one row a pair and UTC day';

SELECT
  ticker,
  market_date,
  TRY_CAST(open AS DOUBLE) AS open,
  TRY_CAST(high AS DOUBLE) AS high,
  TRY_CAST(low AS DOUBLE) AS low,
  TRY_CAST(close AS DOUBLE) AS close,
  TRY_CAST(volume AS DOUBLE) AS volume,
  TRY_CAST(vwap AS DOUBLE) AS vwap,
  -- Whole numbers may come as 12.0 or 1.2e+01; a DOUBLE holds those up to 2^53 to the last digit.
  coalesce(TRY_CAST(trades AS BIGINT), CASE WHEN TRY_CAST(trades AS DOUBLE) = floor(TRY_CAST(trades AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(trades AS DOUBLE) AS BIGINT) END) AS trades,
  CASE WHEN TRY_CAST(window_time AS DOUBLE) BETWEEN 0 AND 4102444800000
    THEN timestamp_millis(CAST(TRY_CAST(window_time AS DOUBLE) AS BIGINT)) END AS window_time,
  revision,
  asof,
  source_uri,
  given
FROM bronze;
