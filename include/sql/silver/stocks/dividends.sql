-- Cash dividends by the day from which the share trades without them.
CREATE TABLE IF NOT EXISTS {silver}.stocks_dividends (
  dividend_id STRING NOT NULL COMMENT 'Identifier of the dividend at the source',
  ticker STRING NOT NULL COMMENT 'Exchange symbol as the API writes it, case kept',
  market_date DATE NOT NULL COMMENT 'Market day from which it counts: ex_dividend_date, or the first market day after it',
  ex_dividend_date DATE NOT NULL COMMENT 'First session on which the share trades without the dividend',
  cash_amount DOUBLE NOT NULL COMMENT 'Cash paid a share as counted on that session, in currency',
  currency STRING COMMENT 'Currency of cash_amount, ISO 4217 code',
  distribution_type STRING COMMENT 'Kind of distribution as the source names it, such as recurring',
  frequency INT COMMENT 'Payments expected a year; 0 for one that does not recur',
  declaration_date DATE COMMENT 'Day on which it was announced',
  record_date DATE COMMENT 'Day on which holders of record are paid',
  pay_date DATE COMMENT 'Day of payment',
  withdrawn BOOLEAN COMMENT 'True when an earlier answer has it and the newest one has not',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: cash dividends, one row for each that the source gave, withdrawn ones too';

SELECT
  dividend_id,
  ticker,
  market_date,
  TRY_CAST(ex_dividend_date AS DATE) AS ex_dividend_date,
  TRY_CAST(cash_amount AS DOUBLE) AS cash_amount,
  currency,
  distribution_type,
  CASE WHEN TRY_CAST(frequency AS DOUBLE) = floor(TRY_CAST(frequency AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(frequency AS DOUBLE) AS INT) END AS frequency,
  TRY_CAST(declaration_date AS DATE) AS declaration_date,
  TRY_CAST(record_date AS DATE) AS record_date,
  TRY_CAST(pay_date AS DATE) AS pay_date,
  false AS withdrawn,
{include silver/from_bronze.sql};
