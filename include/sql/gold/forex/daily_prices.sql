-- Prices of the day, with the two currencies of each pair: its ticker is C: and their codes.
-- Key: ticker, market_date
-- NULL: what the source did not give
CREATE TABLE IF NOT EXISTS {gold}.forex_daily_prices (
  ticker STRING NOT NULL COMMENT 'Pair, base currency first: C:EURUSD',
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day; Sundays begin and Fridays end at 17:00 New York',
  base_currency STRING COMMENT 'Currency that is priced, ISO 4217 code',
  quote_currency STRING COMMENT 'Currency that prices are in, ISO 4217 code',
  open DOUBLE COMMENT 'First price of the day, units of the quote currency for one of the base currency',
  high DOUBLE COMMENT 'Highest price of the day, units of the quote currency for one of the base currency',
  low DOUBLE COMMENT 'Lowest price of the day, units of the quote currency for one of the base currency',
  close DOUBLE COMMENT 'Last price of the day, units of the quote currency for one of the base currency',
  volume DOUBLE COMMENT 'Quotes counted, number: nobody knows how much money changes hands',
  vwap DOUBLE COMMENT 'Average price weighted by quotes, rounded to 4 decimals by the source, units of the quote currency for one of the base currency'
) USING delta
COMMENT 'Forex: daily prices, one row a pair and market day';

SELECT
  ticker,
  market_date,
  substr(ticker, 3, 3) AS base_currency,
  substr(ticker, 6) AS quote_currency,
  open,
  high,
  low,
  close,
  volume,
  vwap
FROM {silver}.forex_grouped_daily
WHERE {days};
