-- The market in one row a day. Movers are pairs of two major currencies only, or the list would be full of stale prices.
-- Key: market_date
-- NULL: average_return, median_return and dollar_return of a day without returns
CREATE TABLE IF NOT EXISTS {gold}.forex_market_summary (
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day; Sundays begin and Fridays end at 17:00 New York',
  tickers BIGINT COMMENT 'Pairs with a price on the day, number',
  advancers BIGINT COMMENT 'Pairs with a return above 0, number',
  decliners BIGINT COMMENT 'Pairs with a return below 0, number',
  unchanged BIGINT COMMENT 'Pairs with a return of 0, number; those without a return are in none of the three',
  volume DOUBLE COMMENT 'Quotes counted over all pairs, number',
  dollar_return DOUBLE COMMENT 'Mean log return of the USD against the majors, over the pairs that it makes with them, fraction; above 0 it rose',
  average_return DOUBLE COMMENT 'Mean simple return of all pairs, fraction (0.01 is 1 %)',
  median_return DOUBLE COMMENT 'Median simple return of all pairs, fraction (0.01 is 1 %)',
  top_gainers ARRAY<STRUCT<ticker: STRING, simple_return: DOUBLE, close: DOUBLE>> COMMENT 'Up to 5 highest positive returns (fraction) with close (quote currency), of pairs of AUD, CAD, CHF, EUR, GBP, JPY, NZD and USD',
  top_losers ARRAY<STRUCT<ticker: STRING, simple_return: DOUBLE, close: DOUBLE>> COMMENT 'Up to 5 lowest negative returns (fraction) with close (quote currency), of pairs of AUD, CAD, CHF, EUR, GBP, JPY, NZD and USD',
  anomalies BIGINT COMMENT 'Pairs with is_anomaly, number'
) USING delta
COMMENT 'Forex: breadth, activity, the dollar, typical return and largest moves of each market day';

WITH joined AS (
  SELECT prices.ticker, prices.market_date, prices.close,
    prices.volume, prices.base_currency, prices.quote_currency, returns.log_return,
    prices.base_currency IN ('AUD', 'CAD', 'CHF', 'EUR', 'GBP', 'JPY', 'NZD', 'USD')
      AND prices.quote_currency IN ('AUD', 'CAD', 'CHF', 'EUR', 'GBP', 'JPY', 'NZD', 'USD') AS is_major,
    returns.simple_return, returns.simple_return AS moved, returns.is_anomaly
  FROM (SELECT * FROM {gold}.forex_daily_prices WHERE {days}) prices
  LEFT JOIN (SELECT * FROM {gold}.forex_daily_returns WHERE {days}) returns
    ON returns.market_date = prices.market_date AND returns.ticker = prices.ticker
),
market AS (
  SELECT *, is_major AS may_lead FROM joined
),
{include gold/movers.sql},
totals AS (
  SELECT market_date,
{include gold/breadth.sql},
    sum(volume) AS volume,
    avg(CASE WHEN is_major AND base_currency = 'USD' THEN log_return
      WHEN is_major AND quote_currency = 'USD' THEN -log_return END) AS dollar_return,
    avg(simple_return) AS average_return,
    median(simple_return) AS median_return,
    count_if(is_anomaly) AS anomalies
  FROM market
  GROUP BY market_date
)
SELECT
{include gold/breadth_of_totals.sql},
  totals.volume,
  totals.dollar_return,
  totals.average_return,
  totals.median_return,
  coalesce(movers.top_gainers, array()) AS top_gainers,
  coalesce(movers.top_losers, array()) AS top_losers,
  totals.anomalies
FROM totals
LEFT JOIN movers ON movers.market_date = totals.market_date;
