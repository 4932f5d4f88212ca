-- What the codes in the type of a ticker stand for.
CREATE TABLE IF NOT EXISTS {silver}.stocks_ticker_types (
  code STRING NOT NULL COMMENT 'Code of the kind of security, such as CS',
  market_date DATE NOT NULL COMMENT 'Market day on which the source said so, a New York session date',
  description STRING NOT NULL COMMENT 'What it stands for, such as Common Stock',
  asset_class STRING COMMENT 'Asset class that it belongs to at the source',
  locale STRING COMMENT 'Where it is used: us or global',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: kinds of securities, one row a code and market day';

SELECT
  code,
  market_date,
  description,
  asset_class,
  locale,
{include silver/from_bronze.sql};
