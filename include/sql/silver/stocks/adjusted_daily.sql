-- The source's own adjusted bars of the market day before: what it has divided prices by for splits executed since.
CREATE TABLE IF NOT EXISTS {silver}.stocks_adjusted_daily (
  ticker STRING NOT NULL COMMENT 'Exchange symbol as the API writes it, case kept',
  market_date DATE NOT NULL COMMENT 'Market day on which the source was asked; the bars are of the one before',
  open DOUBLE NOT NULL COMMENT 'First price of the session before, USD a share of the count when the API answered',
  close DOUBLE NOT NULL COMMENT 'Last price of the session before, USD a share of the count when the API answered',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: bars of the market day before, adjusted by the source, one row a ticker and market day';

SELECT
  ticker,
  market_date,
  TRY_CAST(open AS DOUBLE) AS open,
  TRY_CAST(close AS DOUBLE) AS close,
{include silver/from_bronze.sql};
