-- How far prices moved on a day, by their range: worth twice the days of a variance of returns.
-- Key: ticker, market_date
-- NULL: what is computed from a column that is NULL
CREATE TABLE IF NOT EXISTS {gold}.stocks_range_variances (
  ticker STRING NOT NULL COMMENT 'Exchange symbol, as borne on the day',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
{include gold/is_liquid_column.sql},
{include gold/range_variance_columns.sql},
  security STRING COMMENT 'The security, the same under whatever ticker: see stocks_instruments'
) USING delta
COMMENT 'US stocks: variance of each day by its range, one row a ticker and market day';

WITH
{include gold/unknown_actions.sql},
bars AS (
  SELECT prices.ticker, prices.security, prices.market_date, prices.open, prices.high, prices.low, prices.close,
    prices.adj_open * prices.total_return_factor AS opened, prices.total_return_close AS closed,
    prices.close * prices.volume AS turnover, known.unknown
  FROM {gold}.stocks_daily_prices prices
  JOIN known ON known.market_date = prices.market_date
  WHERE prices.market_date BETWEEN {quarter_reach} AND {last}
),
{include gold/range_variances.sql}
SELECT ticker, market_date, is_liquid, overnight_return, day_return, session_variance, range_variance, clipped_variance, security
FROM clipped;
