-- Returns of a price after splits, and of what its holder owns: an ex-date's cash is part of it.
-- Key: ticker, market_date
-- NULL: what is computed from a column that is NULL
CREATE TABLE IF NOT EXISTS {gold}.stocks_daily_returns (
  ticker STRING NOT NULL COMMENT 'Exchange symbol, as borne on the day',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  simple_return DOUBLE COMMENT 'adj_close / previous adj_close - 1, fraction (0.01 is 1 %); NULL when none in 20 market days, or when actions of a day between are not known',
  log_return DOUBLE COMMENT 'Natural logarithm of adj_close / previous adj_close, fraction',
  total_return DOUBLE COMMENT '(close + cash of the ex-date) * split ratio / previous close - 1, fraction; cash a share as counted on the day, not reinvested before the close',
  volatility_20d DOUBLE COMMENT 'Sample standard deviation of ln(1 + total_return) over 20 market days, this one included, fraction a day; NULL below 10 returns',
  volatility_20d_annualised DOUBLE COMMENT 'volatility_20d * sqrt(252), fraction a year: as many market days has one',
  zscore DOUBLE COMMENT 'Distance of ln(1 + total_return) from the mean of the 20 market days before, in their standard deviations; NULL below 10 returns',
  is_anomaly BOOLEAN COMMENT 'True when zscore is more than 6 away from 0, or ln(1 + total_return) more than 0.01 from the mean of 20 market days in which the price stood still; a fair day of 11,000 stocks has a few; NULL when it cannot be judged: no return, or fewer than 10 in the 20 market days before',
  anomaly_reason STRING COMMENT 'NULL when it is no anomaly; else deviations, which is by zscore, or stood still, where there is none',
  security STRING COMMENT 'The security, the same under whatever ticker: see stocks_instruments'
) USING delta
COMMENT 'US stocks: daily returns, their volatility, and how unusual they are';

WITH traded AS (
  SELECT ticker, security, market_date, adj_close, split_factor FROM {gold}.stocks_daily_prices
  WHERE market_date BETWEEN {reach} AND {last}
),
paid AS (
  SELECT ticker, market_date, cash_dividend FROM {gold}.stocks_corporate_actions
  WHERE market_date BETWEEN {reach} AND {last} AND cash_dividend > 0
),
-- What did not trade on an ex-date has the cash, of the shares of that day, when it trades again.
bars AS (
  SELECT ticker, market_date FROM {gold}.stocks_traded_prices WHERE market_date BETWEEN {reach} AND {last}
),
waiting AS (
  SELECT paid.ticker, paid.market_date, paid.cash_dividend / coalesce(factors.split_factor, 1) AS cash
  FROM paid
  LEFT ANTI JOIN bars ON bars.ticker = paid.ticker AND bars.market_date = paid.market_date
  LEFT JOIN {gold}.stocks_adjustment_factors factors ON factors.ticker = paid.ticker
    AND paid.market_date >= factors.since AND paid.market_date < factors.until
),
late AS (
  SELECT ticker, market_date, sum(cash) AS cash
  FROM (
    SELECT waiting.ticker, min(bars.market_date) AS market_date, max(waiting.cash) AS cash
    FROM waiting
    JOIN bars ON bars.ticker = waiting.ticker AND bars.market_date > waiting.market_date
    GROUP BY waiting.ticker, waiting.market_date
  ) received
  GROUP BY ticker, market_date
),
{include gold/unknown_actions.sql},
closes AS (
  SELECT traded.ticker, traded.security, traded.market_date, traded.adj_close AS close, known.unknown,
    traded.adj_close + coalesce(paid.cash_dividend / traded.split_factor, 0) + coalesce(late.cash, 0) AS worth
  FROM traded
  JOIN known ON known.market_date = traded.market_date
  LEFT JOIN paid ON paid.ticker = traded.ticker AND paid.market_date = traded.market_date
  LEFT JOIN late ON late.ticker = traded.ticker AND late.market_date = traded.market_date
),
{include gold/returns.sql}
SELECT ticker, market_date, simple_return, log_return, total_return, volatility_20d, volatility_20d * sqrt(252) AS volatility_20d_annualised, zscore, is_anomaly,
  anomaly_reason, security
FROM scored;
