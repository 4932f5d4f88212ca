-- What the numbers of conditions in trades and quotes stand for.
CREATE TABLE IF NOT EXISTS {silver}.stocks_conditions (
  condition_id INT NOT NULL COMMENT 'Number of the condition; unique within type',
  market_date DATE NOT NULL COMMENT 'Market day on which the source said so, a New York session date',
  type STRING NOT NULL COMMENT 'Kind of condition, such as sale_condition',
  name STRING NOT NULL COMMENT 'Name of the condition',
  abbreviation STRING COMMENT 'Abbreviation in common use',
  description STRING COMMENT 'What it means',
  exchange_id INT COMMENT 'The only exchange that gives it; NULL where any does',
  is_legacy BOOLEAN COMMENT 'True when it is no longer in use',
  data_types ARRAY<STRING> COMMENT 'What it stands on: trade, bbo (best bid and offer of an exchange), nbbo (of all)',
  cta_symbol STRING COMMENT 'Letter on tape A and B (CTA)',
  utp_symbol STRING COMMENT 'Letter on tape C (UTP)',
  updates_high_low BOOLEAN COMMENT 'True when such a trade moves high and low of a bar of all exchanges',
  updates_open_close BOOLEAN COMMENT 'True when such a trade moves open and close of a bar of all exchanges',
  updates_volume BOOLEAN COMMENT 'True when such a trade counts in the volume of a bar of all exchanges',
  exchange_updates_high_low BOOLEAN COMMENT 'The same for high and low of a bar of its own exchange',
  exchange_updates_open_close BOOLEAN COMMENT 'The same for open and close of a bar of its own exchange',
  exchange_updates_volume BOOLEAN COMMENT 'The same for the volume of a bar of its own exchange',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: conditions of trades and quotes, one row a condition and market day';

SELECT
  CASE WHEN TRY_CAST(condition_id AS DOUBLE) = floor(TRY_CAST(condition_id AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(condition_id AS DOUBLE) AS INT) END AS condition_id,
  market_date,
  type,
  name,
  abbreviation,
  description,
  CASE WHEN TRY_CAST(exchange_id AS DOUBLE) = floor(TRY_CAST(exchange_id AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(exchange_id AS DOUBLE) AS INT) END AS exchange_id,
  TRY_CAST(is_legacy AS BOOLEAN) AS is_legacy,
  CASE WHEN data_types LIKE '[%' THEN from_json(data_types, 'ARRAY<STRING>') END AS data_types,
  cta_symbol,
  utp_symbol,
  TRY_CAST(updates_high_low AS BOOLEAN) AS updates_high_low,
  TRY_CAST(updates_open_close AS BOOLEAN) AS updates_open_close,
  TRY_CAST(updates_volume AS BOOLEAN) AS updates_volume,
  TRY_CAST(exchange_updates_high_low AS BOOLEAN) AS exchange_updates_high_low,
  TRY_CAST(exchange_updates_open_close AS BOOLEAN) AS exchange_updates_open_close,
  TRY_CAST(exchange_updates_volume AS BOOLEAN) AS exchange_updates_volume,
{include silver/from_bronze.sql};
