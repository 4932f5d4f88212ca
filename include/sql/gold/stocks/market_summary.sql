-- The market in one row a day. Movers are liquid shares and funds only, or the list would be full of prices in cents and of
-- warrants, whose price moves by many times that of the share.
-- Key: market_date
-- NULL: average_return and median_return of a day without returns
CREATE TABLE IF NOT EXISTS {gold}.stocks_market_summary (
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  tickers BIGINT COMMENT 'Tickers that traded, number',
  advancers BIGINT COMMENT 'Tickers with a return above 0, number',
  decliners BIGINT COMMENT 'Tickers with a return below 0, number',
  unchanged BIGINT COMMENT 'Tickers with a return of 0, number; those without a return are in none of the three',
  turnover DOUBLE COMMENT 'Sum of close * volume, USD',
  volume DOUBLE COMMENT 'Shares traded as counted on the day, number',
  average_return DOUBLE COMMENT 'Mean simple return of all tickers, fraction (0.01 is 1 %)',
  median_return DOUBLE COMMENT 'Median simple return of all tickers, fraction (0.01 is 1 %)',
  top_gainers ARRAY<STRUCT<ticker: STRING, simple_return: DOUBLE, close: DOUBLE>> COMMENT 'Up to 5 highest positive total returns: their simple_return (fraction) and close (USD), of shares, depositary receipts and funds with close >= 1 USD and turnover >= 1,000,000 USD',
  top_losers ARRAY<STRUCT<ticker: STRING, simple_return: DOUBLE, close: DOUBLE>> COMMENT 'Up to 5 lowest negative total returns: their simple_return (fraction) and close (USD), of shares, depositary receipts and funds with close >= 1 USD and turnover >= 1,000,000 USD',
  anomalies BIGINT COMMENT 'Tickers with is_anomaly, number'
) USING delta
COMMENT 'US stocks: breadth, turnover, typical return and largest moves of each market day';

WITH market AS (
  SELECT prices.ticker, prices.market_date, prices.close, prices.volume, prices.close * prices.volume AS turnover,
    prices.close >= 1 AND prices.close * prices.volume >= 1000000
      AND prices.type IN ('share', 'depositary_receipt', 'fund') AS may_lead,
    returns.simple_return, returns.total_return AS moved, returns.is_anomaly
  FROM (SELECT * FROM {gold}.stocks_daily_prices WHERE {days}) prices
  LEFT JOIN (SELECT * FROM {gold}.stocks_daily_returns WHERE {days}) returns
    ON returns.market_date = prices.market_date AND returns.ticker = prices.ticker
),
{include gold/movers.sql},
totals AS (
  SELECT market_date,
{include gold/breadth.sql},
    sum(turnover) AS turnover,
    sum(volume) AS volume,
    avg(simple_return) AS average_return,
    median(simple_return) AS median_return,
    count_if(is_anomaly) AS anomalies
  FROM market
  GROUP BY market_date
)
SELECT
{include gold/breadth_of_totals.sql},
  totals.turnover,
  totals.volume,
  totals.average_return,
  totals.median_return,
  coalesce(movers.top_gainers, array()) AS top_gainers,
  coalesce(movers.top_losers, array()) AS top_losers,
  totals.anomalies
FROM totals
LEFT JOIN movers ON movers.market_date = totals.market_date;
