-- Prices as they were traded, with the corporate actions that count from the day on.
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

WITH splits AS (
  SELECT ticker, market_date,
    aggregate(array_sort(collect_list(split_to / split_from)), CAST(1 AS DOUBLE), (p, ratio) -> p * ratio) AS split_ratio
  FROM {silver}.stocks_splits
  WHERE {days} AND split_from > 0 AND split_to > 0 AND execution_date = market_date
  GROUP BY ticker, market_date
),
dividends AS (
  SELECT ticker, market_date, sum(cash_amount) AS cash_dividend
  FROM {silver}.stocks_dividends
  WHERE {days} AND cash_amount > 0 AND coalesce(currency, 'USD') = 'USD' AND ex_dividend_date = market_date
  GROUP BY ticker, market_date
)
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
  splits.split_ratio,
  dividends.cash_dividend
FROM (SELECT * FROM {silver}.stocks_grouped_daily WHERE {days}) bars
LEFT JOIN splits ON splits.ticker = bars.ticker AND splits.market_date = bars.market_date
LEFT JOIN dividends ON dividends.ticker = bars.ticker AND dividends.market_date = bars.market_date;
