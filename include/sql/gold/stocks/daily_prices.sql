-- Prices as traded, adjusted for splits, and with dividends reinvested. Corporate actions count from their day on, so
-- a row is adjusted for those after it, and a new action changes the rows before it.
CREATE TABLE IF NOT EXISTS {gold}.stocks_daily_prices (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  open DOUBLE COMMENT 'First price of the session, USD a share as traded',
  high DOUBLE COMMENT 'Highest price of the session, USD a share as traded',
  low DOUBLE COMMENT 'Lowest price of the session, USD a share as traded',
  close DOUBLE COMMENT 'Last price of the session, USD a share as traded',
  volume DOUBLE COMMENT 'Shares traded as counted on the day, fractional shares included',
  vwap DOUBLE COMMENT 'Volume-weighted average price, USD a share as traded',
  trades BIGINT COMMENT 'Number of transactions',
  adj_open DOUBLE COMMENT 'open adjusted for later splits: open / split_factor, USD a share of the latest count',
  adj_high DOUBLE COMMENT 'high adjusted for later splits: high / split_factor, USD a share of the latest count',
  adj_low DOUBLE COMMENT 'low adjusted for later splits: low / split_factor, USD a share of the latest count',
  adj_close DOUBLE COMMENT 'close adjusted for later splits: close / split_factor, USD a share of the latest count',
  adj_volume DOUBLE COMMENT 'volume adjusted for later splits: volume * split_factor, shares of the latest count',
  total_return_close DOUBLE COMMENT 'adj_close * total_return_factor: with later dividends reinvested, USD a share',
  split_factor DOUBLE COMMENT 'Product of split_to / split_from of splits executed after the day, number',
  total_return_factor DOUBLE COMMENT 'Product of 1 - cash / close before the ex-date of dividends after the day, number'
) USING delta
PARTITIONED BY (market_date)
COMMENT 'US stocks: daily prices as traded, adjusted for splits, and as total return';

CREATE TABLE IF NOT EXISTS {restated} (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  market_date DATE NOT NULL COMMENT 'Market day of the row restated, a New York session date',
  split_factor DOUBLE COMMENT 'Its split_factor, number',
  total_return_factor DOUBLE COMMENT 'Its total_return_factor, number'
) USING delta
COMMENT 'US stocks: rows of stocks_daily_prices that the latest run adjusted anew';

CREATE OR REPLACE TEMPORARY VIEW share_ratios AS
SELECT ticker, execution_date AS day, split_to / split_from AS ratio
FROM {silver}.stocks_splits
WHERE split_from > 0 AND split_to > 0 AND execution_date = market_date;

-- Closes that gold stands on: those of the days computed, and those that it has published of all others.
CREATE OR REPLACE TEMPORARY VIEW closes AS
SELECT ticker, market_date, close FROM {silver}.stocks_grouped_daily WHERE {days}
UNION ALL
SELECT ticker, market_date, close FROM {gold}.stocks_daily_prices WHERE NOT ({days});

-- What a share keeps of its price when it goes ex dividend. The cash is that of a share as counted on the ex-date, so
-- a split after the close before it changes the share count of that close. Dividends in other currencies, larger than
-- the price, or with no close in the 20 market days before are not used.
CREATE OR REPLACE TEMPORARY VIEW kept_by_dividends AS
WITH paid AS (
  SELECT ticker, ex_dividend_date AS day, sum(cash_amount) AS cash
  FROM {silver}.stocks_dividends
  WHERE cash_amount > 0 AND coalesce(currency, 'USD') = 'USD' AND ex_dividend_date = market_date
  GROUP BY ticker, ex_dividend_date
),
looked_up AS (
  SELECT paid.ticker, paid.day, paid.cash, market_days.session - back.sessions AS session
  FROM paid
  JOIN market_days ON market_days.market_date = paid.day
  CROSS JOIN (SELECT explode(sequence(1, 20)) AS sessions) back
),
before AS (
  SELECT looked_up.ticker, looked_up.day, looked_up.cash,
    max(closes.market_date) AS close_day, max_by(closes.close, closes.market_date) AS close
  FROM looked_up
  JOIN market_days ON market_days.session = looked_up.session
  JOIN closes ON closes.ticker = looked_up.ticker AND closes.market_date = market_days.market_date
  GROUP BY looked_up.ticker, looked_up.day, looked_up.cash
),
counted AS (
  SELECT before.ticker, before.day, before.cash, before.close,
    aggregate(array_sort(collect_list(share_ratios.ratio)), CAST(1 AS DOUBLE), (p, ratio) -> p * ratio) AS ratio
  FROM before
  LEFT JOIN share_ratios ON share_ratios.ticker = before.ticker
    AND share_ratios.day > before.close_day AND share_ratios.day <= before.day
  GROUP BY before.ticker, before.day, before.cash, before.close
)
SELECT ticker, day, 1 - cash * ratio / close AS kept FROM counted WHERE cash * ratio < close;

-- From one corporate action of a ticker to the next: what to divide and multiply by on the days between.
CREATE OR REPLACE TEMPORARY VIEW factors AS
WITH actions AS (
  SELECT ticker, day, coalesce(ratio, CAST(1 AS DOUBLE)) AS ratio, coalesce(kept, CAST(1 AS DOUBLE)) AS kept
  FROM share_ratios FULL OUTER JOIN kept_by_dividends USING (ticker, day)
),
later AS (
  SELECT actions.ticker, actions.day, following.ratio, following.kept
  FROM actions JOIN actions following ON following.ticker = actions.ticker AND following.day >= actions.day
),
products AS (
  SELECT ticker, day,
    aggregate(array_sort(collect_list(ratio)), CAST(1 AS DOUBLE), (p, ratio) -> p * ratio) AS split_factor,
    aggregate(array_sort(collect_list(kept)), CAST(1 AS DOUBLE), (p, kept) -> p * kept) AS total_return_factor
  FROM later
  GROUP BY ticker, day
)
SELECT ticker, coalesce(LAG(day) OVER (PARTITION BY ticker ORDER BY day), DATE'0001-01-01') AS since, day AS until,
  split_factor, total_return_factor
FROM products;

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
  bars.open / coalesce(factors.split_factor, 1) AS adj_open,
  bars.high / coalesce(factors.split_factor, 1) AS adj_high,
  bars.low / coalesce(factors.split_factor, 1) AS adj_low,
  bars.close / coalesce(factors.split_factor, 1) AS adj_close,
  bars.volume * coalesce(factors.split_factor, 1) AS adj_volume,
  bars.close / coalesce(factors.split_factor, 1) * coalesce(factors.total_return_factor, 1) AS total_return_close,
  coalesce(factors.split_factor, CAST(1 AS DOUBLE)) AS split_factor,
  coalesce(factors.total_return_factor, CAST(1 AS DOUBLE)) AS total_return_factor
FROM (SELECT * FROM {silver}.stocks_grouped_daily WHERE {days}) bars
LEFT JOIN factors ON factors.ticker = bars.ticker
  AND bars.market_date >= factors.since AND bars.market_date < factors.until;

-- Published rows before the days computed whose factors have changed. A ticker's latest row shows it for all its rows.
INSERT OVERWRITE {restated}
WITH candidates AS (
  SELECT ticker, max(market_date) AS market_date, max_by(split_factor, market_date) AS split_factor,
    max_by(total_return_factor, market_date) AS total_return_factor
  FROM {gold}.stocks_daily_prices
  WHERE market_date < {first}
  GROUP BY ticker
  UNION ALL
  SELECT ticker, market_date, split_factor, total_return_factor
  FROM {gold}.stocks_daily_prices
  WHERE market_date BETWEEN {first} AND {last} AND NOT ({days})
),
moved AS (
  SELECT DISTINCT candidates.ticker
  FROM candidates
  LEFT JOIN factors ON factors.ticker = candidates.ticker
    AND candidates.market_date >= factors.since AND candidates.market_date < factors.until
  WHERE abs(candidates.split_factor / coalesce(factors.split_factor, 1) - 1) > 1e-12
    OR abs(candidates.total_return_factor / coalesce(factors.total_return_factor, 1) - 1) > 1e-12
),
again AS (
  SELECT prices.*, coalesce(factors.split_factor, CAST(1 AS DOUBLE)) AS splits,
    coalesce(factors.total_return_factor, CAST(1 AS DOUBLE)) AS kept
  FROM (SELECT * FROM {gold}.stocks_daily_prices WHERE market_date <= {last} AND NOT ({days})) prices
  JOIN moved ON moved.ticker = prices.ticker
  LEFT JOIN factors ON factors.ticker = prices.ticker
    AND prices.market_date >= factors.since AND prices.market_date < factors.until
)
SELECT ticker, market_date, splits, kept
FROM again
WHERE abs(split_factor / splits - 1) > 1e-12 OR abs(total_return_factor / kept - 1) > 1e-12;

MERGE INTO {gold}.stocks_daily_prices prices
USING {restated} restated
ON prices.ticker = restated.ticker AND prices.market_date = restated.market_date AND prices.market_date <= {last}
WHEN MATCHED THEN UPDATE SET
  adj_open = prices.open / restated.split_factor,
  adj_high = prices.high / restated.split_factor,
  adj_low = prices.low / restated.split_factor,
  adj_close = prices.close / restated.split_factor,
  adj_volume = prices.volume * restated.split_factor,
  total_return_close = prices.close / restated.split_factor * restated.total_return_factor,
  split_factor = restated.split_factor,
  total_return_factor = restated.total_return_factor;
