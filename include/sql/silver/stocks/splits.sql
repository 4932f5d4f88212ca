-- Share splits by the day from which they count. An owner of split_from shares owns split_to shares from then on.
CREATE TABLE IF NOT EXISTS {silver}.stocks_splits (
  split_id STRING COMMENT 'Identifier of the split at the source',
  ticker STRING NOT NULL COMMENT 'Exchange symbol as the API writes it, case kept',
  market_date DATE NOT NULL COMMENT 'Market day from which it counts: execution_date, or the first market day after it',
  execution_date DATE NOT NULL COMMENT 'First session at the new share count',
  split_from DOUBLE NOT NULL COMMENT 'Shares before the split, number',
  split_to DOUBLE NOT NULL COMMENT 'Shares after the split for split_from shares before it, number',
  adjustment_type STRING COMMENT 'Kind of split as the source names it, such as forward_split',
  withdrawn BOOLEAN COMMENT 'True when an earlier answer has it and the newest one has not',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: share splits, one row for each that the source gave, withdrawn ones too';

SELECT
  split_id,
  ticker,
  market_date,
  TRY_CAST(execution_date AS DATE) AS execution_date,
  TRY_CAST(split_from AS DOUBLE) AS split_from,
  TRY_CAST(split_to AS DOUBLE) AS split_to,
  adjustment_type,
  false AS withdrawn,
{include silver/from_bronze.sql};
