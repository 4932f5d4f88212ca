-- One bar a pair and UTC day: quotes between 00:00 and 24:00 UTC, on Sundays and Fridays those of open hours.
CREATE TABLE IF NOT EXISTS {silver}.forex_grouped_daily (
  ticker STRING NOT NULL COMMENT 'Pair as the API writes it, base currency first: C:EURUSD',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a UTC day; Sundays begin and Fridays end at 17:00 New York',
{include silver/pair_day_columns.sql},
  volume DOUBLE NOT NULL COMMENT 'Quotes counted, number: nobody knows how much money changes hands',
  vwap DOUBLE COMMENT 'Average price weighted by quotes, rounded to 4 decimals by the source, units of the quote currency for one of the base currency',
  quotes BIGINT COMMENT 'Number of quotes as the API gives it beside volume',
  window_end TIMESTAMP COMMENT 'End of the bar as the API gives it, UTC',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'Forex: daily bars of all pairs, one row a pair and UTC day';

{include silver/day_bars.sql},
  -- Whole numbers may come as 12.0 or 1.2e+01; a DOUBLE holds those up to 2^53 to the last digit.
  coalesce(TRY_CAST(quotes AS BIGINT), CASE WHEN TRY_CAST(quotes AS DOUBLE) = floor(TRY_CAST(quotes AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(quotes AS DOUBLE) AS BIGINT) END) AS quotes,
  CASE WHEN TRY_CAST(window_end AS DOUBLE) BETWEEN 0 AND 4102444800000
    THEN timestamp_millis(CAST(TRY_CAST(window_end AS DOUBLE) AS BIGINT)) END AS window_end,
{include silver/from_bronze.sql};
