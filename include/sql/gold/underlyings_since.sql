-- From the splits of stocks that the lake has to `underlyings` (market_date, underlying, since): for each of the days asked
-- for the latest split of an underlying up to it.
underlyings AS (
  SELECT days.market_date, splits.ticker AS underlying, max(splits.market_date) AS since
  FROM (SELECT market_date FROM market_days WHERE {days}) days
  JOIN {any_silver}.stocks_splits splits ON splits.market_date <= days.market_date
  WHERE NOT coalesce(splits.withdrawn, false)
  GROUP BY days.market_date, splits.ticker
)
