-- From one corporate action of a security to the next, under each ticker that it bore: what prices of the days between are
-- divided and multiplied by. A new action changes the factors of all days before it, so that the table is computed whole;
-- it is small.
-- Key: ticker, since before until
-- NULL: nothing
CREATE TABLE IF NOT EXISTS {gold}.stocks_adjustment_factors (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  since DATE NOT NULL COMMENT 'First calendar day that the factors are for',
  until DATE NOT NULL COMMENT 'Day of the next corporate action, or from which the ticker is borne by another security: the first day that they are no longer for',
  split_factor DOUBLE NOT NULL COMMENT 'Product of split_ratio of all later actions of the security, number',
  total_return_factor DOUBLE NOT NULL COMMENT 'Product of kept_by_dividend of all later actions of the security, number',
  security STRING COMMENT 'The security that bore the ticker, whatever its ticker: see stocks_instruments'
) USING delta
COMMENT 'US stocks: who bore a ticker, and factors that adjust its prices for later splits and dividends; what has no row is a security named by its ticker, without later actions';

WITH actions AS (
  SELECT security, market_date, split_ratio, kept_by_dividend FROM {gold}.stocks_corporate_actions
),
later AS (
  SELECT action.security, action.market_date, following.split_ratio, following.kept_by_dividend
  FROM (SELECT DISTINCT security, market_date FROM actions) action
  JOIN actions following ON following.security = action.security AND following.market_date >= action.market_date
),
products AS (
  SELECT security, market_date,
    aggregate(array_sort(collect_list(split_ratio)), CAST(1 AS DOUBLE), (p, ratio) -> p * ratio) AS split_factor,
    aggregate(array_sort(collect_list(kept_by_dividend)), CAST(1 AS DOUBLE), (p, kept) -> p * kept) AS total_return_factor
  FROM later
  GROUP BY security, market_date
),
-- The days before an action, and those after the last one.
factors AS (
  SELECT security, coalesce(LAG(market_date) OVER (PARTITION BY security ORDER BY market_date), DATE'0001-01-01') AS since,
    market_date AS until, split_factor, total_return_factor
  FROM products
  UNION ALL
  SELECT security, max(market_date) AS since, DATE'9999-12-31' AS until,
    CAST(1 AS DOUBLE) AS split_factor, CAST(1 AS DOUBLE) AS total_return_factor
  FROM products
  GROUP BY security
),
bearers AS (
  SELECT ticker, security, since, until FROM {any_gold}.stocks_instruments
  UNION ALL
  SELECT ticker, ticker AS security, DATE'0001-01-01' AS since, min(since) AS until
  FROM {any_gold}.stocks_instruments
  GROUP BY ticker
  UNION ALL
  SELECT DISTINCT actions.ticker, actions.ticker AS security, DATE'0001-01-01' AS since, DATE'9999-12-31' AS until
  FROM {gold}.stocks_corporate_actions actions
  LEFT ANTI JOIN {any_gold}.stocks_instruments instruments ON instruments.ticker = actions.ticker
),
borne AS (
  SELECT bearers.ticker,
    greatest(bearers.since, coalesce(factors.since, bearers.since)) AS since,
    least(bearers.until, coalesce(factors.until, bearers.until)) AS until,
    coalesce(factors.split_factor, CAST(1 AS DOUBLE)) AS split_factor,
    coalesce(factors.total_return_factor, CAST(1 AS DOUBLE)) AS total_return_factor,
    bearers.security
  FROM bearers
  LEFT JOIN factors ON factors.security = bearers.security
)
SELECT * FROM borne
WHERE since < until AND (security <> ticker OR split_factor <> 1 OR total_return_factor <> 1);
