-- Indices as they were listed on the market day.
CREATE TABLE IF NOT EXISTS {silver}.indices_tickers (
  ticker STRING NOT NULL COMMENT 'Index as the API writes it, such as I:SPX',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a New York session date',
  active BOOLEAN NOT NULL COMMENT 'True: only listed indices are asked for',
  name STRING COMMENT 'Name of the index',
  source_feed STRING COMMENT 'Feed that the source takes its values from',
  updated_at TIMESTAMP COMMENT 'When the source last changed this record, UTC',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'Indices: reference data of every index as of each market day';

SELECT
  ticker,
  market_date,
  TRY_CAST(active AS BOOLEAN) AS active,
  name,
  source_feed,
  TRY_CAST(updated_at AS TIMESTAMP) AS updated_at,
{include silver/from_bronze.sql};
