-- What the numbers of exchanges in trades, quotes and conditions stand for.
CREATE TABLE IF NOT EXISTS {silver}.stocks_exchanges (
  exchange_id INT NOT NULL COMMENT 'Number of the exchange in trades and quotes of stocks',
  market_date DATE NOT NULL COMMENT 'Market day on which the source said so, a New York session date',
  type STRING NOT NULL COMMENT 'Kind: exchange, TRF (trade reporting facility) or SIP',
  name STRING NOT NULL COMMENT 'Name of the exchange',
  acronym STRING COMMENT 'Abbreviation in common use',
  mic STRING COMMENT 'ISO 10383 code (MIC) of the exchange',
  operating_mic STRING COMMENT 'ISO 10383 code (MIC) of who operates it',
  participant_id STRING COMMENT 'Letter by which the consolidated tape names it',
  locale STRING COMMENT 'Where it is: us or global',
  url STRING COMMENT 'Web site of the exchange, URL',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: exchanges and trade reporting facilities, one row an exchange and market day';

SELECT
  CASE WHEN TRY_CAST(exchange_id AS DOUBLE) = floor(TRY_CAST(exchange_id AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(exchange_id AS DOUBLE) AS INT) END AS exchange_id,
  market_date,
  type,
  name,
  acronym,
  mic,
  operating_mic,
  participant_id,
  locale,
  url,
{include silver/from_bronze.sql};
