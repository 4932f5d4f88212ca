-- The listed indices in one row a day.
-- Key: market_date
-- NULL: average_return and median_return of a day without returns
CREATE TABLE IF NOT EXISTS {gold}.indices_market_summary (
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  tickers BIGINT COMMENT 'Indices with a price on the day, number',
  advancers BIGINT COMMENT 'Indices with a return above 0, number',
  decliners BIGINT COMMENT 'Indices with a return below 0, number',
  unchanged BIGINT COMMENT 'Indices with a return of 0, number; those without a return are in none of the three',
  average_return DOUBLE COMMENT 'Mean simple return of all indices, fraction (0.01 is 1 %)',
  median_return DOUBLE COMMENT 'Median simple return of all indices, fraction (0.01 is 1 %)',
  top_gainers ARRAY<STRUCT<ticker: STRING, simple_return: DOUBLE, close: DOUBLE>> COMMENT 'Up to 5 highest positive returns (fraction) with close (points)',
  top_losers ARRAY<STRUCT<ticker: STRING, simple_return: DOUBLE, close: DOUBLE>> COMMENT 'Up to 5 lowest negative returns (fraction) with close (points)',
  anomalies BIGINT COMMENT 'Indices with is_anomaly, number'
) USING delta
COMMENT 'Indices: breadth, typical return and largest moves of each market day';

WITH market AS (
  SELECT prices.ticker, prices.market_date, prices.close,
    true AS may_lead,
    returns.simple_return, returns.simple_return AS moved, returns.is_anomaly
  FROM (SELECT * FROM {gold}.indices_daily_prices WHERE {days}) prices
  LEFT JOIN (SELECT * FROM {gold}.indices_daily_returns WHERE {days}) returns
    ON returns.market_date = prices.market_date AND returns.ticker = prices.ticker
),
{include gold/movers.sql},
totals AS (
  SELECT market_date,
{include gold/breadth.sql},
    avg(simple_return) AS average_return,
    median(simple_return) AS median_return,
    count_if(is_anomaly) AS anomalies
  FROM market
  GROUP BY market_date
)
SELECT
{include gold/breadth_of_totals.sql},
  totals.average_return,
  totals.median_return,
  coalesce(movers.top_gainers, array()) AS top_gainers,
  coalesce(movers.top_losers, array()) AS top_losers,
  totals.anomalies
FROM totals
LEFT JOIN movers ON movers.market_date = totals.market_date;
