-- The market in one row a day. Money is counted in USD, of the pairs that the reference data of the day quotes in it;
-- movers are the liquid ones among them.
-- Key: market_date
-- NULL: average_return and median_return of a day without returns, turnover of one without a pair in USD
CREATE TABLE IF NOT EXISTS {gold}.crypto_market_summary (
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day',
  tickers BIGINT COMMENT 'Pairs with a price on the day, number',
  advancers BIGINT COMMENT 'Pairs with a return above 0, number',
  decliners BIGINT COMMENT 'Pairs with a return below 0, number',
  unchanged BIGINT COMMENT 'Pairs with a return of 0, number; those without a return are in none of the three',
  turnover DOUBLE COMMENT 'Sum of close * volume of the pairs quoted in USD, USD',
  average_return DOUBLE COMMENT 'Mean simple return of all pairs, fraction (0.01 is 1 %)',
  median_return DOUBLE COMMENT 'Median simple return of all pairs, fraction (0.01 is 1 %)',
  top_gainers ARRAY<STRUCT<ticker: STRING, simple_return: DOUBLE, close: DOUBLE>> COMMENT 'Up to 5 highest positive returns (fraction) with close (USD), of pairs quoted in USD with turnover >= 1,000,000 USD',
  top_losers ARRAY<STRUCT<ticker: STRING, simple_return: DOUBLE, close: DOUBLE>> COMMENT 'Up to 5 lowest negative returns (fraction) with close (USD), of pairs quoted in USD with turnover >= 1,000,000 USD',
  anomalies BIGINT COMMENT 'Pairs with is_anomaly, number'
) USING delta
COMMENT 'Crypto: breadth, turnover, typical return and largest moves of each UTC day';

WITH dollar_pairs AS (
  SELECT DISTINCT market_date, ticker FROM {silver}.crypto_tickers
  WHERE {days} AND active AND upper(quote_currency) = 'USD'
),
market AS (
  SELECT prices.ticker, prices.market_date, prices.close,
    CASE WHEN dollar_pairs.ticker IS NOT NULL THEN prices.turnover END AS turnover,
    prices.turnover >= 1000000 AND dollar_pairs.ticker IS NOT NULL AS may_lead,
    returns.simple_return, returns.simple_return AS moved, returns.is_anomaly
  FROM (SELECT * FROM {gold}.crypto_daily_prices WHERE {days}) prices
  LEFT JOIN (SELECT * FROM {gold}.crypto_daily_returns WHERE {days}) returns
    ON returns.market_date = prices.market_date AND returns.ticker = prices.ticker
  LEFT JOIN dollar_pairs ON dollar_pairs.market_date = prices.market_date AND dollar_pairs.ticker = prices.ticker
),
{include gold/movers.sql},
totals AS (
  SELECT market_date,
{include gold/breadth.sql},
    sum(turnover) AS turnover,
    avg(simple_return) AS average_return,
    median(simple_return) AS median_return,
    count_if(is_anomaly) AS anomalies
  FROM market
  GROUP BY market_date
)
SELECT
{include gold/breadth_of_totals.sql},
  totals.turnover,
  totals.average_return,
  totals.median_return,
  coalesce(movers.top_gainers, array()) AS top_gainers,
  coalesce(movers.top_losers, array()) AS top_losers,
  totals.anomalies
FROM totals
LEFT JOIN movers ON movers.market_date = totals.market_date;
