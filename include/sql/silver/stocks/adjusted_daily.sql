-- The source's own adjusted bars of the market day before: what it has divided prices by for splits executed since.
CREATE TABLE IF NOT EXISTS {silver}.stocks_adjusted_daily (
  ticker STRING NOT NULL COMMENT 'Exchange symbol as the API writes it, case kept',
  market_date DATE NOT NULL COMMENT 'Market day on which the source was asked; the bars are of the one before',
  open DOUBLE NOT NULL COMMENT 'First price of the session before, USD a share of the count when the API answered',
  close DOUBLE NOT NULL COMMENT 'Last price of the session before, USD a share of the count when the API answered',
  revision INT NOT NULL COMMENT 'Bronze revision that the row was read from, counted from 1',
  asof TIMESTAMP NOT NULL COMMENT 'When the API answered, by its own clock, UTC',
  source_uri STRING NOT NULL COMMENT 'Bronze object that the row was read from, URI'
) USING delta
COMMENT 'US stocks: bars of the market day before, adjusted by the source, one row a ticker and market day';

SELECT
  ticker,
  market_date,
  TRY_CAST(open AS DOUBLE) AS open,
  TRY_CAST(close AS DOUBLE) AS close,
  revision,
  asof,
  source_uri,
  given
FROM bronze;
