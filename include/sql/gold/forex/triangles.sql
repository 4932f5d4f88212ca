-- Whether money changed around three currencies comes back whole. Taken are the 100 pairs quoted most often on the day, so
-- that a market of thousands of pairs gives hundreds of triangles and not millions; of two tickers for the same two
-- currencies the one with more quotes counts.
-- Key: market_date, triangle
-- NULL: nothing
CREATE TABLE IF NOT EXISTS {gold}.forex_triangles (
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day; Sundays begin and Fridays end at 17:00 New York',
  triangle STRING NOT NULL COMMENT 'The three currencies in the order of the alphabet, such as EUR-GBP-USD',
  first_ticker STRING COMMENT 'Quoted pair of the first and second currency, either way round',
  second_ticker STRING COMMENT 'Quoted pair of the second and third currency, either way round',
  third_ticker STRING COMMENT 'Quoted pair of the first and third currency, either way round',
  product DOUBLE COMMENT 'What one unit of the first currency becomes when it is changed into the second, the third and back at the last prices, number',
  gap_bps DOUBLE COMMENT 'product - 1, basis points (1 is 0.01 %)',
  is_broken BOOLEAN COMMENT 'True when gap_bps is more than 20 away from 0: one of the three prices is stale or wrong'
) USING delta
COMMENT 'Forex: how far quoted triangles are from closing, one row three currencies and market day';

WITH quoted AS (
  SELECT market_date, ticker, volume,
    least(base_currency, quote_currency) AS low_currency,
    greatest(base_currency, quote_currency) AS high_currency,
    CASE WHEN base_currency < quote_currency THEN close ELSE 1 / close END AS rate
  FROM {gold}.forex_daily_prices
  WHERE {days}
),
ranked AS (
  SELECT *, ROW_NUMBER() OVER (
    PARTITION BY market_date, low_currency, high_currency ORDER BY volume DESC, ticker) AS place
  FROM quoted
),
counted AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY market_date ORDER BY volume DESC, ticker) AS size
  FROM ranked WHERE place = 1
),
sides AS (
  SELECT market_date, low_currency, high_currency, ticker, rate FROM counted WHERE size <= 100
),
closed AS (
  SELECT one.market_date, concat_ws('-', one.low_currency, one.high_currency, two.high_currency) AS triangle,
    one.ticker AS first_ticker, two.ticker AS second_ticker, three.ticker AS third_ticker,
    one.rate * two.rate / three.rate AS product
  FROM sides one
  JOIN sides two ON two.market_date = one.market_date AND two.low_currency = one.high_currency
  JOIN sides three ON three.market_date = one.market_date
    AND three.low_currency = one.low_currency AND three.high_currency = two.high_currency
)
SELECT market_date, triangle, first_ticker, second_ticker, third_ticker, product,
  (product - 1) * 10000 AS gap_bps,
  abs(product - 1) * 10000 > 20 AS is_broken
FROM closed;
