-- Prices as they were traded, with the corporate actions that count from the day on.
-- Key: ticker, market_date
-- NULL: what the source did not give
CREATE TABLE IF NOT EXISTS {gold}.stocks_traded_prices (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  open DOUBLE COMMENT 'First price of the session, USD a share as traded',
  high DOUBLE COMMENT 'Highest price of the session, USD a share as traded',
  low DOUBLE COMMENT 'Lowest price of the session, USD a share as traded',
  close DOUBLE COMMENT 'Last price of the session, USD a share as traded',
  volume DOUBLE COMMENT 'Shares traded as counted on the day, fractional shares included',
  vwap DOUBLE COMMENT 'Volume-weighted average price, USD a share as traded',
  trades BIGINT COMMENT 'Number of transactions',
  split_ratio DOUBLE COMMENT 'split_to / split_from of splits that count from the day on, number; NULL when there is none',
  cash_dividend DOUBLE COMMENT 'Cash of a share that goes ex dividend on the day, USD; NULL when there is none'
) USING delta
COMMENT 'US stocks: daily prices as traded, one row a ticker and market day; stocks_daily_prices adjusts them';

SELECT
  bars.ticker,
  bars.market_date,
  bars.open,
  bars.high,
  bars.low,
  bars.close,
  bars.volume,
  bars.vwap,
  bars.trades,
  nullif(actions.split_ratio, 1) AS split_ratio,
  actions.cash_dividend
FROM (SELECT * FROM {silver}.stocks_grouped_daily WHERE {days}) bars
LEFT JOIN (SELECT * FROM {gold}.stocks_corporate_actions WHERE {days}) actions
  ON actions.ticker = bars.ticker AND actions.market_date = bars.market_date;
