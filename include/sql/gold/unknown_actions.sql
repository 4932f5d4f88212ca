-- From `market_days` to `known` (market_date, unknown): how many market days up to this one have actions that nobody knows.
known AS (
  SELECT market_days.market_date,
    sum(CASE WHEN acted.market_date IS NULL THEN 1 ELSE 0 END) OVER (ORDER BY market_days.session) AS unknown
  FROM market_days
  LEFT JOIN days_of_corporate_actions acted ON acted.market_date = market_days.market_date
)
