-- What securities were called, of those that began, ended or changed on the day: who became whom.
CREATE TABLE IF NOT EXISTS {silver}.stocks_ticker_events (
  composite_figi STRING COMMENT 'Composite OpenFIGI identifier',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a New York session date',
  cik STRING COMMENT 'SEC central index key of the issuer, 10 digits',
  name STRING COMMENT 'Name of the security or its issuer',
  events ARRAY<STRUCT<type: STRING, date: STRING, ticker_change: STRUCT<ticker: STRING>>> NOT NULL COMMENT 'Since which date (text, year-month-day) it has borne which ticker, in the order of the source',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: tickers that a security has borne, one row a security and market day on which its listing changed';

SELECT
  composite_figi,
  market_date,
  cik,
  name,
  CASE WHEN events LIKE '[%' THEN from_json(events, 'ARRAY<STRUCT<type: STRING, date: STRING, ticker_change: STRUCT<ticker: STRING>>>') END AS events,
{include silver/from_bronze.sql};
