-- How alike coins move: the 20 pairs with the largest turnover of the day among those that the reference data quotes in
-- USD, each with each other, so that a day has at most 190 rows and no coin counts twice.
-- Key: market_date, first_ticker, second_ticker
-- NULL: nothing else
-- Join: crypto_daily_prices by first_ticker = ticker, market_date
-- Join: crypto_daily_prices by second_ticker = ticker, market_date
CREATE TABLE IF NOT EXISTS {gold}.crypto_correlations (
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day',
  first_ticker STRING NOT NULL COMMENT 'One pair, the first in the order of the alphabet',
  second_ticker STRING NOT NULL COMMENT 'The other pair',
  days BIGINT COMMENT 'Of the 30 market days up to this one, those on which both have a return, number',
  correlation_30d DOUBLE COMMENT 'Correlation (Pearson) of their log returns on these days, -1 to 1; NULL below 20 days, or where a price stood still'
) USING delta
COMMENT 'Crypto: correlations of daily returns among the most traded coins, one row two pairs and UTC day';

WITH ranked AS (
  SELECT prices.market_date, prices.ticker, market_days.session,
    ROW_NUMBER() OVER (PARTITION BY prices.market_date ORDER BY prices.turnover DESC, prices.ticker) AS place
  FROM (SELECT * FROM {gold}.crypto_daily_prices WHERE {days}) prices
  JOIN market_days ON market_days.market_date = prices.market_date
  JOIN (
    SELECT DISTINCT market_date, ticker FROM {silver}.crypto_tickers
    WHERE {days} AND active AND upper(quote_currency) = 'USD'
  ) dollar_pairs ON dollar_pairs.market_date = prices.market_date AND dollar_pairs.ticker = prices.ticker
),
windows AS (
  SELECT market_date, ticker, explode(sequence(session - 29, session)) AS session FROM ranked WHERE place <= 20
),
returned AS (
  SELECT returns.ticker, market_days.session, returns.log_return
  FROM {gold}.crypto_daily_returns returns
  JOIN market_days ON market_days.market_date = returns.market_date
  WHERE returns.market_date BETWEEN {reach} AND {last} AND returns.log_return IS NOT NULL
),
held AS (
  SELECT windows.market_date, windows.ticker, windows.session, returned.log_return
  FROM windows JOIN returned ON returned.ticker = windows.ticker AND returned.session = windows.session
)
SELECT
  one.market_date,
  one.ticker AS first_ticker,
  two.ticker AS second_ticker,
  count(*) AS days,
  -- By hand: Spark computes corr() before any condition, and ends the job where a price stood still.
  CASE WHEN count(*) >= 20 AND stddev_samp(one.log_return) > 1e-9 AND stddev_samp(two.log_return) > 1e-9
    THEN covar_samp(one.log_return, two.log_return)
      / nullif(stddev_samp(one.log_return) * stddev_samp(two.log_return), 0) END AS correlation_30d
FROM held one
JOIN held two ON two.market_date = one.market_date AND two.session = one.session AND two.ticker > one.ticker
GROUP BY one.market_date, one.ticker, two.ticker;
