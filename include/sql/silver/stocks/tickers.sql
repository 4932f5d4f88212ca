-- Reference data as it was on the market day, so that recycled and renamed symbols stay apart.
CREATE TABLE IF NOT EXISTS {silver}.stocks_tickers (
  ticker STRING NOT NULL COMMENT 'Exchange symbol as the API writes it, case kept',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a New York session date',
  active BOOLEAN NOT NULL COMMENT 'True when listed on the market day, false when delisted before it',
  name STRING COMMENT 'Name of the security or its issuer',
  type STRING COMMENT 'Code of the kind of security, such as CS for common stock',
  primary_exchange STRING COMMENT 'ISO 10383 code (MIC) of the primary listing exchange',
  currency STRING COMMENT 'Currency that it trades in, code in lower case',
  cik STRING COMMENT 'SEC central index key of the issuer, 10 digits',
  composite_figi STRING COMMENT 'Composite OpenFIGI identifier',
  share_class_figi STRING COMMENT 'Share class OpenFIGI identifier',
  delisted_at TIMESTAMP COMMENT 'When it was delisted, UTC',
  updated_at TIMESTAMP COMMENT 'When the source last changed this record, UTC',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: reference data of every ticker as of each market day, listed and delisted';

SELECT
  ticker,
  market_date,
  TRY_CAST(active AS BOOLEAN) AS active,
  name,
  type,
  primary_exchange,
  currency,
  cik,
  composite_figi,
  share_class_figi,
  TRY_CAST(delisted_at AS TIMESTAMP) AS delisted_at,
  TRY_CAST(updated_at AS TIMESTAMP) AS updated_at,
{include silver/from_bronze.sql};
