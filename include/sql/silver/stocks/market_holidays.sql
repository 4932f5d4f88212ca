-- Holidays and early closes to come, as the source announced them on the market day.
CREATE TABLE IF NOT EXISTS {silver}.stocks_market_holidays (
  exchange STRING NOT NULL COMMENT 'Exchange that it is about, such as NYSE',
  market_date DATE NOT NULL COMMENT 'Market day on which the source said so, a New York session date',
  holiday DATE NOT NULL COMMENT 'Day on which the exchange is closed or closes early',
  name STRING COMMENT 'Name of the holiday',
  status STRING NOT NULL COMMENT 'closed or early-close',
  opens_at TIMESTAMP COMMENT 'Open of the shortened session, UTC; NULL when closed',
  closes_at TIMESTAMP COMMENT 'Close of the shortened session, UTC; NULL when closed',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: days to come on which an exchange is closed or closes early, one row an exchange, day and market day';

SELECT
  exchange,
  market_date,
  TRY_CAST(holiday AS DATE) AS holiday,
  name,
  status,
  TRY_CAST(opens_at AS TIMESTAMP) AS opens_at,
  TRY_CAST(closes_at AS TIMESTAMP) AS closes_at,
{include silver/from_bronze.sql};
