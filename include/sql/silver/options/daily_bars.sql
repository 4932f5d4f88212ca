-- One bar a contract and market day, as traded. From the flat file of all contracts, or from a call a contract.
CREATE TABLE IF NOT EXISTS {silver}.options_daily_bars (
  ticker STRING NOT NULL COMMENT 'Symbol of the contract: O:, root, expiry as yymmdd, C or P, strike in thousandths of a USD',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a New York session date',
  open DOUBLE NOT NULL COMMENT 'First price of the session, USD a share of the underlying',
  high DOUBLE NOT NULL COMMENT 'Highest price of the session, USD a share of the underlying',
  low DOUBLE NOT NULL COMMENT 'Lowest price of the session, USD a share of the underlying',
  close DOUBLE NOT NULL COMMENT 'Last price of the session, USD a share of the underlying',
  volume DOUBLE NOT NULL COMMENT 'Contracts traded, number',
  trades BIGINT COMMENT 'Number of transactions',
  window_start TIMESTAMP COMMENT 'Start of the bar as the source gives it, UTC',
  revision INT NOT NULL COMMENT 'Bronze revision that the row was read from, counted from 1',
  asof TIMESTAMP NOT NULL COMMENT 'When the API answered, or the flat file was last modified, UTC',
  source_uri STRING NOT NULL COMMENT 'Bronze object that the row was read from, URI'
) USING delta
COMMENT 'US options: daily bars of every contract that traded, one row a contract and market day';

SELECT
  -- All that is known of most contracts is their symbol: one that cannot be taken apart is of no use.
  CASE WHEN ticker RLIKE '^O:[A-Z0-9]+[0-9]{{6}}[CP][0-9]{{8}}$'
    AND TRY_CAST(concat('20', substr(ticker, -15, 2), '-', substr(ticker, -13, 2), '-', substr(ticker, -11, 2)) AS DATE) IS NOT NULL
    THEN ticker END AS ticker,
  market_date,
  TRY_CAST(open AS DOUBLE) AS open,
  TRY_CAST(high AS DOUBLE) AS high,
  TRY_CAST(low AS DOUBLE) AS low,
  TRY_CAST(close AS DOUBLE) AS close,
  TRY_CAST(volume AS DOUBLE) AS volume,
  -- Whole numbers may come as 12.0 or 1.2e+01; a DOUBLE holds those up to 2^53 to the last digit.
  coalesce(TRY_CAST(trades AS BIGINT), CASE WHEN TRY_CAST(trades AS DOUBLE) = floor(TRY_CAST(trades AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(trades AS DOUBLE) AS BIGINT) END) AS trades,
  -- Milliseconds from the API, nanoseconds in the flat file: up to the year 2100 no number can be both.
  CASE WHEN TRY_CAST(window_start AS DOUBLE) BETWEEN 0 AND 4102444800000
    THEN timestamp_millis(CAST(TRY_CAST(window_start AS DOUBLE) AS BIGINT))
    WHEN TRY_CAST(window_start AS DOUBLE) BETWEEN 1e15 AND 4102444800000000000
    THEN timestamp_micros(coalesce(TRY_CAST(window_start AS BIGINT), CAST(TRY_CAST(window_start AS DOUBLE) AS BIGINT)) DIV 1000) END AS window_start,
{include silver/from_bronze.sql};
