-- Minutes of the listed pairs; those without quotes have no bar.
-- Key: ticker, market_date, bar_start
-- NULL: what the source did not give
CREATE TABLE IF NOT EXISTS {gold}.forex_minute_bars (
  ticker STRING NOT NULL COMMENT 'Pair, base currency first: C:EURUSD',
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day; Sundays begin and Fridays end at 17:00 New York',
  bar_start TIMESTAMP NOT NULL COMMENT 'Start of the minute, UTC',
{include gold/pair_minute_columns.sql},
  minute_volume DOUBLE COMMENT 'Quotes counted, number: nobody knows how much money changes hands',
  minute_vwap DOUBLE COMMENT 'Average price weighted by quotes, rounded to 4 decimals by the source, units of the quote currency for one of the base currency'
) USING delta
COMMENT 'Forex: minute bars of the listed pairs, one row a pair and minute with quotes';

SELECT
{include gold/minute_prices.sql},
  volume AS minute_volume,
  vwap AS minute_vwap
FROM {silver}.forex_minute_bars
WHERE {days};
