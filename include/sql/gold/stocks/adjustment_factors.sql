-- From one corporate action of a ticker to the next: what prices of the days between are divided and multiplied by.
-- A new action changes the factors of all days before it, so that the table is computed whole; it is small.
CREATE TABLE IF NOT EXISTS {gold}.stocks_adjustment_factors (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  since DATE NOT NULL COMMENT 'First calendar day that the factors are for',
  until DATE NOT NULL COMMENT 'Day of the next corporate action: the first day that they are no longer for',
  split_factor DOUBLE NOT NULL COMMENT 'Product of split_ratio of all later actions, number',
  total_return_factor DOUBLE NOT NULL COMMENT 'Product of kept_by_dividend of all later actions, number'
) USING delta
COMMENT 'US stocks: factors that adjust prices for later splits and dividends; days after the last action have none';

WITH later AS (
  SELECT actions.ticker, actions.market_date, following.split_ratio, following.kept_by_dividend
  FROM {gold}.stocks_corporate_actions actions
  JOIN {gold}.stocks_corporate_actions following
    ON following.ticker = actions.ticker AND following.market_date >= actions.market_date
),
products AS (
  SELECT ticker, market_date,
    aggregate(array_sort(collect_list(split_ratio)), CAST(1 AS DOUBLE), (p, ratio) -> p * ratio) AS split_factor,
    aggregate(array_sort(collect_list(kept_by_dividend)), CAST(1 AS DOUBLE), (p, kept) -> p * kept) AS total_return_factor
  FROM later
  GROUP BY ticker, market_date
)
SELECT
  ticker,
  coalesce(LAG(market_date) OVER (PARTITION BY ticker ORDER BY market_date), DATE'0001-01-01') AS since,
  market_date AS until,
  split_factor,
  total_return_factor
FROM products;
