-- Open short positions from the day on which they are public, against those of the settlement date before.
-- Key: ticker, settlement_date
-- NULL: what the source did not give
CREATE TABLE IF NOT EXISTS {gold}.stocks_short_interest (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  market_date DATE NOT NULL COMMENT 'Market day by which it is public, a New York session date',
  settlement_date DATE NOT NULL COMMENT 'Day on which the positions were counted',
  short_interest BIGINT COMMENT 'Shares sold short and not yet bought back, as counted on settlement_date',
  average_volume BIGINT COMMENT 'Shares traded on an average day of the period, number',
  days_to_cover DOUBLE COMMENT 'short_interest / average_volume, days; NULL without volume',
  previous_settlement_date DATE COMMENT 'Settlement date before, NULL when none in 40 market days',
  change DOUBLE COMMENT 'short_interest / that of the settlement date before - 1, fraction (0.01 is 1 %), both at one share count',
  avg_daily_volume BIGINT COMMENT 'Old name of average_volume, for one release'
) USING delta
COMMENT 'US stocks: open short positions, days to cover and their change, one row a ticker and settlement date';

WITH counted AS (
  SELECT reported.*, coalesce(factors.security, reported.ticker) AS security, market_days.session, reported.short_interest * coalesce(factors.split_factor, 1) AS adj_short_interest
  FROM {silver}.stocks_short_interest reported
  JOIN market_days ON market_days.market_date = reported.market_date
  LEFT JOIN {gold}.stocks_adjustment_factors factors ON factors.ticker = reported.ticker
    AND reported.settlement_date >= factors.since AND reported.settlement_date < factors.until
  WHERE reported.market_date BETWEEN {reach} AND {last}
),
paired AS (
  SELECT *,
    LAG(session) OVER (PARTITION BY security ORDER BY settlement_date) AS previous_session,
    LAG(settlement_date) OVER (PARTITION BY security ORDER BY settlement_date) AS previous_settlement_date,
    LAG(adj_short_interest) OVER (PARTITION BY security ORDER BY settlement_date) AS previous_adj_short_interest
  FROM counted
)
SELECT
  ticker,
  market_date,
  settlement_date,
  short_interest,
  avg_daily_volume AS average_volume,
  short_interest / nullif(avg_daily_volume, 0) AS days_to_cover,
  CASE WHEN session - previous_session <= 40 THEN previous_settlement_date END AS previous_settlement_date,
  CASE WHEN session - previous_session <= 40
    THEN adj_short_interest / nullif(previous_adj_short_interest, 0) - 1 END AS change,
  avg_daily_volume
FROM paired
WHERE {days};
