-- Minutes of the listed tickers as traded, the hours around the session included; those without a trade have no bar. For prices
-- after splits divide by split_factor of stocks_daily_prices.
-- Key: ticker, market_date, bar_start
-- NULL: what the source did not give
CREATE TABLE IF NOT EXISTS {gold}.stocks_minute_bars (
  ticker STRING NOT NULL COMMENT 'Exchange symbol, as borne on the day',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  bar_start TIMESTAMP NOT NULL COMMENT 'Start of the minute, UTC',
  minute_open DOUBLE COMMENT 'First price of the minute, USD a share as traded',
  minute_high DOUBLE COMMENT 'Highest price of the minute, USD a share as traded',
  minute_low DOUBLE COMMENT 'Lowest price of the minute, USD a share as traded',
  minute_close DOUBLE COMMENT 'Last price of the minute, USD a share as traded',
  minute_volume DOUBLE COMMENT 'Shares traded as counted on the day, fractional shares included',
  minute_vwap DOUBLE COMMENT 'Volume-weighted average price, USD a share as traded',
  minute_trades BIGINT COMMENT 'Number of transactions',
  security STRING COMMENT 'The security, the same under whatever ticker: see stocks_instruments'
) USING delta
COMMENT 'US stocks: minute bars of the listed tickers, one row a ticker and minute with a trade';

SELECT
  bars.ticker,
  bars.market_date,
  bars.window_start AS bar_start,
  bars.open AS minute_open,
  bars.high AS minute_high,
  bars.low AS minute_low,
  bars.close AS minute_close,
  bars.volume AS minute_volume,
  bars.vwap AS minute_vwap,
  bars.trades AS minute_trades,
  coalesce(instruments.security, bars.ticker) AS security
FROM (SELECT * FROM {silver}.stocks_minute_bars WHERE {days}) bars
LEFT JOIN {any_gold}.stocks_instruments instruments ON instruments.ticker = bars.ticker
  AND bars.market_date >= instruments.since AND bars.market_date < instruments.until;
