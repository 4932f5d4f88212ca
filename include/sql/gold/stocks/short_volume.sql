-- How much of what was reported to FINRA was sold short, and how much that is usually.
CREATE TABLE IF NOT EXISTS {gold}.stocks_short_volume (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  short_volume DOUBLE COMMENT 'Shares sold short in trades reported to FINRA',
  exempt_volume DOUBLE COMMENT 'Those among them that are exempt from the short sale rule, shares',
  reported_volume DOUBLE COMMENT 'Shares traded in trades reported to FINRA, not on exchanges',
  short_ratio DOUBLE COMMENT 'short_volume / reported_volume, fraction (0.01 is 1 %)',
  short_ratio_20d DOUBLE COMMENT 'The same over 20 market days, this one included: sum of short_volume / sum of reported_volume, fraction; NULL below 10 days with rows'
) USING delta
COMMENT 'US stocks: share of trades that were short sales, one row a ticker and market day';

WITH sold AS (
  SELECT sold.ticker, sold.market_date, sold.short_volume, sold.exempt_volume, sold.total_volume, market_days.session
  FROM {silver}.stocks_short_volume sold
  JOIN market_days ON market_days.market_date = sold.market_date
  WHERE sold.market_date BETWEEN {reach} AND {last}
),
recent AS (
  SELECT *,
    count(*) OVER twenty_days AS days_20d,
    sum(short_volume) OVER twenty_days AS short_20d,
    sum(total_volume) OVER twenty_days AS total_20d
  FROM sold
  WINDOW twenty_days AS (PARTITION BY ticker ORDER BY session RANGE BETWEEN 19 PRECEDING AND CURRENT ROW)
)
SELECT
  ticker,
  market_date,
  short_volume,
  exempt_volume,
  total_volume AS reported_volume,
  short_volume / nullif(total_volume, 0) AS short_ratio,
  CASE WHEN days_20d >= 10 THEN short_20d / nullif(total_20d, 0) END AS short_ratio_20d
FROM recent
WHERE {days};
