-- The options market in one row a day. Movers are contracts that cost something and changed hands, or the list would be
-- full of prices in cents.
-- Key: market_date
-- NULL: average_return and median_return of a day without returns
CREATE TABLE IF NOT EXISTS {gold}.options_market_summary (
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  tickers BIGINT COMMENT 'Contracts that traded, number',
  underlyings BIGINT COMMENT 'Underlyings of which a contract traded, number',
  advancers BIGINT COMMENT 'Contracts with a return above 0, number',
  decliners BIGINT COMMENT 'Contracts with a return below 0, number',
  unchanged BIGINT COMMENT 'Contracts with a return of 0, number; those without a return are in none of the three',
  turnover DOUBLE COMMENT 'Sum of close * volume * shares_per_contract, USD',
  volume DOUBLE COMMENT 'Contracts traded, number of contracts counted as often as they changed hands',
  call_volume DOUBLE COMMENT 'The part of volume in calls, number',
  put_volume DOUBLE COMMENT 'The part of volume in puts, number',
  average_return DOUBLE COMMENT 'Mean simple return of all contracts, fraction (0.01 is 1 %)',
  median_return DOUBLE COMMENT 'Median simple return of all contracts, fraction (0.01 is 1 %)',
  most_active ARRAY<STRUCT<underlying: STRING, volume: DOUBLE, turnover: DOUBLE>> COMMENT 'Up to 5 underlyings with the most contracts traded (number) and their turnover (USD)',
  top_gainers ARRAY<STRUCT<ticker: STRING, simple_return: DOUBLE, close: DOUBLE>> COMMENT 'Up to 5 highest positive returns (fraction) with close (USD a share), of contracts with close >= 0.5 USD and turnover >= 100,000 USD',
  top_losers ARRAY<STRUCT<ticker: STRING, simple_return: DOUBLE, close: DOUBLE>> COMMENT 'Up to 5 lowest negative returns (fraction) with close (USD a share), of contracts with close >= 0.5 USD and turnover >= 100,000 USD',
  anomalies BIGINT COMMENT 'Contracts with is_anomaly, number'
) USING delta
COMMENT 'US options: breadth, turnover, most active underlyings and largest moves of each market day';

WITH market AS (
  SELECT prices.ticker, prices.market_date, prices.underlying, prices.type, prices.close, prices.volume, prices.turnover,
    prices.close >= 0.5 AND prices.turnover >= 100000 AS may_lead,
    returns.simple_return, returns.simple_return AS moved, returns.is_anomaly
  FROM (SELECT * FROM {gold}.options_daily_prices WHERE {days}) prices
  LEFT JOIN (SELECT * FROM {gold}.options_daily_returns WHERE {days}) returns
    ON returns.market_date = prices.market_date AND returns.ticker = prices.ticker
),
{include gold/movers.sql},
activity AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY market_date ORDER BY volume DESC, underlying) AS place
  FROM (
    SELECT market_date, underlying, sum(volume) AS volume, sum(turnover) AS turnover
    FROM market
    GROUP BY market_date, underlying
  )
),
active AS (
  SELECT market_date, count(*) AS underlyings,
    array_sort(collect_list(CASE WHEN place <= 5 THEN struct(place, underlying, volume, turnover) END)) AS most
  FROM activity
  GROUP BY market_date
),
totals AS (
  SELECT market_date,
{include gold/breadth.sql},
    sum(turnover) AS turnover,
    sum(volume) AS volume,
    sum(CASE WHEN type = 'call' THEN volume ELSE 0 END) AS call_volume,
    sum(CASE WHEN type = 'put' THEN volume ELSE 0 END) AS put_volume,
    avg(simple_return) AS average_return,
    median(simple_return) AS median_return,
    count_if(is_anomaly) AS anomalies
  FROM market
  GROUP BY market_date
)
SELECT
  totals.market_date,
  totals.tickers,
  active.underlyings,
  totals.advancers,
  totals.decliners,
  totals.unchanged,
  totals.turnover,
  totals.volume,
  totals.call_volume,
  totals.put_volume,
  totals.average_return,
  totals.median_return,
  transform(active.most, held ->
    struct(held.underlying AS underlying, held.volume AS volume, held.turnover AS turnover)) AS most_active,
  coalesce(movers.top_gainers, array()) AS top_gainers,
  coalesce(movers.top_losers, array()) AS top_losers,
  totals.anomalies
FROM totals
JOIN active ON active.market_date = totals.market_date
LEFT JOIN movers ON movers.market_date = totals.market_date;
