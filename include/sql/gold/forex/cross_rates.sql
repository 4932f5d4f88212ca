-- A matrix of rates among the major currencies, all computed through the USD, beside the rate that is quoted. Where two
-- currencies are quoted both ways round, the ticker with more quotes counts: the other's digits may be few.
-- Key: market_date, base_currency, quote_currency
-- Join: forex_daily_prices by quoted_ticker = ticker, market_date
-- NULL: quoted_rate and deviation_bps where quoted_ticker is
CREATE TABLE IF NOT EXISTS {gold}.forex_cross_rates (
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day; Sundays begin and Fridays end at 17:00 New York',
  base_currency STRING NOT NULL COMMENT 'Currency that is priced: AUD, CAD, CHF, EUR, GBP, JPY, NZD or USD',
  quote_currency STRING NOT NULL COMMENT 'Currency that the rate is in: another of the same',
  rate DOUBLE COMMENT 'Rate computed from the last price of each against the USD, units of the quote currency for one of the base currency',
  quoted_ticker STRING COMMENT 'Pair of the two that is quoted, either way round; NULL where there is none',
  quoted_rate DOUBLE COMMENT 'Last price of quoted_ticker, or 1 / price where it is quoted the other way round, units of the quote currency for one of the base currency',
  deviation_bps DOUBLE COMMENT 'rate / quoted_rate - 1, basis points (1 is 0.01 %)'
) USING delta
COMMENT 'Forex: rates of each major currency in each other one, computed and quoted, one row two currencies and market day';

WITH quoted AS (
  SELECT market_date, base_currency, quote_currency, ticker, close AS rate, volume
  FROM {gold}.forex_daily_prices WHERE {days}
  UNION ALL
  SELECT market_date, quote_currency AS base_currency, base_currency AS quote_currency, ticker, 1 / close AS rate, volume
  FROM {gold}.forex_daily_prices WHERE {days}
),
ranked AS (
  SELECT *, ROW_NUMBER() OVER (
    PARTITION BY market_date, base_currency, quote_currency ORDER BY volume DESC, ticker) AS place
  FROM quoted
  WHERE base_currency IN ('AUD', 'CAD', 'CHF', 'EUR', 'GBP', 'JPY', 'NZD', 'USD')
    AND quote_currency IN ('AUD', 'CAD', 'CHF', 'EUR', 'GBP', 'JPY', 'NZD', 'USD')
),
rates AS (
  SELECT * FROM ranked WHERE place = 1
),
in_dollars AS (
  SELECT market_date, base_currency AS currency, rate AS dollars FROM rates WHERE quote_currency = 'USD'
  UNION ALL
  SELECT DISTINCT market_date, 'USD' AS currency, CAST(1 AS DOUBLE) AS dollars FROM rates
),
crossed AS (
  SELECT base.market_date, base.currency AS base_currency, quote.currency AS quote_currency,
    base.dollars / quote.dollars AS rate
  FROM in_dollars base
  JOIN in_dollars quote ON quote.market_date = base.market_date AND quote.currency <> base.currency
)
SELECT
  crossed.market_date,
  crossed.base_currency,
  crossed.quote_currency,
  crossed.rate,
  rates.ticker AS quoted_ticker,
  rates.rate AS quoted_rate,
  (crossed.rate / rates.rate - 1) * 10000 AS deviation_bps
FROM crossed
LEFT JOIN rates ON rates.market_date = crossed.market_date
  AND rates.base_currency = crossed.base_currency AND rates.quote_currency = crossed.quote_currency;
