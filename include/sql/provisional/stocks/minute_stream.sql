-- Bars of days that REST has not settled yet, as they were heard so far.
CREATE OR REPLACE VIEW {silver}.stocks_minutes_today (
  ticker COMMENT 'Exchange symbol as the API writes it, case kept',
  market_date COMMENT 'Market day that it was recorded under',
  window_start COMMENT 'Start of the minute, UTC',
  open COMMENT 'First price of the minute, USD a share as traded',
  high COMMENT 'Highest price of the minute, USD a share as traded',
  low COMMENT 'Lowest price of the minute, USD a share as traded',
  close COMMENT 'Last price of the minute, USD a share as traded',
  volume COMMENT 'Shares traded',
  vwap COMMENT 'Volume-weighted average price, USD a share as traded',
{include provisional/verdict_columns.sql}
)
COMMENT 'US stocks: minute bars of the stream of days that are not settled, provisional'
AS SELECT
  heard.ticker,
  heard.market_date,
  heard.window_start,
  heard.open,
  heard.high,
  heard.low,
  heard.close,
  heard.volume,
  heard.vwap,
{include provisional/verdicts.sql};
