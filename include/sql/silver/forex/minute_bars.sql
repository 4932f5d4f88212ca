-- One bar a minute that had quotes, for a list of pairs, from 00:00 to 24:00 UTC of the market day.
CREATE TABLE IF NOT EXISTS {silver}.forex_minute_bars (
  ticker STRING NOT NULL COMMENT 'Pair as the API writes it, base currency first: C:EURUSD',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a UTC day; Sundays begin and Fridays end at 17:00 New York',
  bar_start TIMESTAMP NOT NULL COMMENT 'Start of the minute, UTC',
{include silver/pair_minute_columns.sql},
  volume DOUBLE NOT NULL COMMENT 'Quotes counted, number: nobody knows how much money changes hands',
  vwap DOUBLE COMMENT 'Average price weighted by quotes, rounded to 4 decimals by the source, units of the quote currency for one of the base currency',
  quotes BIGINT COMMENT 'Number of quotes as the API gives it beside volume',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'Forex: minute bars of a list of pairs, one row a pair and minute with quotes';

{include silver/pair_minutes.sql},
  -- Whole numbers may come as 12.0 or 1.2e+01; a DOUBLE holds those up to 2^53 to the last digit.
  coalesce(TRY_CAST(quotes AS BIGINT), CASE WHEN TRY_CAST(quotes AS DOUBLE) = floor(TRY_CAST(quotes AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(quotes AS DOUBLE) AS BIGINT) END) AS quotes,
{include silver/from_bronze.sql};
