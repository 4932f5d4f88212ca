-- One bar a pair and UTC day: quotes between 00:00 and 24:00 UTC, on Sundays and Fridays those of open hours.
CREATE TABLE IF NOT EXISTS {silver}.forex_grouped_daily (
  ticker STRING NOT NULL COMMENT 'Pair as the API writes it, base currency first: C:EURUSD',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a UTC day; Sundays begin and Fridays end at 17:00 New York',
  open DOUBLE NOT NULL COMMENT 'First price of the day, units of the quote currency for one of the base currency',
  high DOUBLE NOT NULL COMMENT 'Highest price of the day, units of the quote currency for one of the base currency',
  low DOUBLE NOT NULL COMMENT 'Lowest price of the day, units of the quote currency for one of the base currency',
  close DOUBLE NOT NULL COMMENT 'Last price of the day, units of the quote currency for one of the base currency',
  volume DOUBLE NOT NULL COMMENT 'Quotes counted, number: nobody knows how much money changes hands',
  vwap DOUBLE COMMENT 'Average price weighted by quotes, rounded to 4 decimals by the source, units of the quote currency for one of the base currency',
  quotes BIGINT COMMENT 'Number of quotes as the API gives it beside volume',
  window_end TIMESTAMP COMMENT 'End of the bar as the API gives it, UTC',
  revision INT NOT NULL COMMENT 'Bronze revision that the row was read from, counted from 1',
  asof TIMESTAMP NOT NULL COMMENT 'When the API answered, by its own clock, UTC',
  source_uri STRING NOT NULL COMMENT 'Bronze object that the row was read from, URI'
) USING delta
COMMENT 'Forex: daily bars of all pairs, one row a pair and UTC day';

SELECT
  ticker,
  market_date,
  TRY_CAST(open AS DOUBLE) AS open,
  TRY_CAST(high AS DOUBLE) AS high,
  TRY_CAST(low AS DOUBLE) AS low,
  TRY_CAST(close AS DOUBLE) AS close,
  TRY_CAST(volume AS DOUBLE) AS volume,
  TRY_CAST(vwap AS DOUBLE) AS vwap,
  -- Whole numbers may come as 12.0 or 1.2e+01; a DOUBLE holds those up to 2^53 to the last digit.
  coalesce(TRY_CAST(quotes AS BIGINT), CASE WHEN TRY_CAST(quotes AS DOUBLE) = floor(TRY_CAST(quotes AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(quotes AS DOUBLE) AS BIGINT) END) AS quotes,
  CASE WHEN TRY_CAST(window_end AS DOUBLE) BETWEEN 0 AND 4102444800000
    THEN timestamp_millis(CAST(TRY_CAST(window_end AS DOUBLE) AS BIGINT)) END AS window_end,
  revision,
  asof,
  source_uri,
  given
FROM bronze;
