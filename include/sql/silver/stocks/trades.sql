-- Every trade of listed tickers as it was reported, those that were taken back later among them: `correction` says so.
CREATE TABLE IF NOT EXISTS {silver}.stocks_trades (
  ticker STRING NOT NULL COMMENT 'Exchange symbol as the API writes it, case kept',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a New York session date',
  exchange_id INT NOT NULL COMMENT 'Number of the exchange: see stocks_exchanges',
  trf_id INT NOT NULL COMMENT 'Number of the Trade Reporting Facility, 0 where none reported it',
  trade_id STRING NOT NULL COMMENT 'Identifier of the trade, unique in ticker, exchange and TRF',
  price DOUBLE NOT NULL COMMENT 'Price, USD a share as traded',
  size DOUBLE NOT NULL COMMENT 'Shares traded, fractional shares included',
  conditions ARRAY<INT> COMMENT 'Numbers of its conditions: see stocks_conditions; NULL where it has none',
  correction INT NOT NULL COMMENT '0 as it is, 1 corrected later, 7 an error, 8 cancelled, 10 and 11 the records that say so, 12 the correction',
{include silver/tick_columns.sql},
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: trades of a list of tickers, one row a report';

SELECT
  ticker,
  market_date,
  TRY_CAST(exchange_id AS INT) AS exchange_id,
  coalesce(TRY_CAST(trf_id AS INT), CASE WHEN trf_id IS NULL THEN 0 END) AS trf_id,
  trade_id,
  TRY_CAST(price AS DOUBLE) AS price,
  TRY_CAST(size AS DOUBLE) AS size,
{include silver/condition_numbers.sql},
  coalesce(TRY_CAST(correction AS INT), CASE WHEN correction IS NULL THEN 0 END) AS correction,
{include silver/tick_numbers.sql},
{include silver/from_bronze.sql};
