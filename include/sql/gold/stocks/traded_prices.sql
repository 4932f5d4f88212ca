-- Prices as they were traded, with the corporate actions that count from the day on, and how usual the volume is.
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
  cash_dividend DOUBLE COMMENT 'Cash of a share that goes ex dividend on the day, USD; NULL when there is none',
  relative_volume_20d DOUBLE COMMENT 'volume / mean volume of those of the 20 market days before on which it traded, at one share count, number; NULL below 10 of them'
) USING delta
COMMENT 'US stocks: daily prices as traded, one row a ticker and market day; stocks_daily_prices adjusts them';

WITH traded AS (
  SELECT bars.*, market_days.session, coalesce(factors.security, bars.ticker) AS security,
    bars.volume * coalesce(factors.split_factor, 1) AS adj_volume
  FROM {silver}.stocks_grouped_daily bars
  JOIN market_days ON market_days.market_date = bars.market_date
  LEFT JOIN {gold}.stocks_adjustment_factors factors ON factors.ticker = bars.ticker
    AND bars.market_date >= factors.since AND bars.market_date < factors.until
  WHERE bars.market_date BETWEEN {reach} AND {last}
),
asked AS (
  SELECT * FROM traded WHERE {days}
),
-- Windows as a join on blocks of 20 market days: the days before a day lie in its own block and the one before, so that
-- few days cost little, and many days no more than two blocks each. Later splits are in all volumes alike. Numbered, the days
-- of a security lie together, and are grouped faster.
usual AS (
  SELECT asked.ticker, asked.market_date, count(held.place) AS days, avg(held.adj_volume) AS volume
  FROM (
    SELECT ticker, security, market_date, session, explode(array(session DIV 20, session DIV 20 - 1)) AS block FROM asked
  ) asked
  JOIN (
    SELECT security, session, session DIV 20 AS block, adj_volume, ROW_NUMBER() OVER (PARTITION BY security ORDER BY session) AS place
    FROM traded
    WHERE volume > 0
  ) held
    ON held.security = asked.security AND held.block = asked.block
    AND held.session >= asked.session - 20 AND held.session < asked.session
  GROUP BY asked.ticker, asked.market_date
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
  nullif(actions.split_ratio, 1) AS split_ratio,
  actions.cash_dividend,
  CASE WHEN usual.days >= 10 THEN bars.adj_volume / usual.volume END AS relative_volume_20d
FROM asked bars
LEFT JOIN (SELECT * FROM {gold}.stocks_corporate_actions WHERE {days}) actions
  ON actions.ticker = bars.ticker AND actions.market_date = bars.market_date
LEFT JOIN usual ON usual.ticker = bars.ticker AND usual.market_date = bars.market_date;
