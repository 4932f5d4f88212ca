-- Bars of days that REST has not settled yet, as they were heard so far.
CREATE OR REPLACE VIEW {silver}.forex_minutes_today (
  ticker COMMENT 'Pair as the API writes it, base currency first',
  market_date COMMENT 'Market day that it was recorded under',
  bar_start COMMENT 'Start of the minute, UTC',
  open COMMENT 'First price of the minute, units of the quote currency for one of the base currency',
  high COMMENT 'Highest price of the minute, units of the quote currency for one of the base currency',
  low COMMENT 'Lowest price of the minute, units of the quote currency for one of the base currency',
  close COMMENT 'Last price of the minute, units of the quote currency for one of the base currency',
  volume COMMENT 'Number of quotes',
{include provisional/verdict_columns.sql}
)
COMMENT 'Forex: minute bars of the stream of days that are not settled, provisional'
AS SELECT
  heard.ticker,
  heard.market_date,
  heard.bar_start,
  heard.open,
  heard.high,
  heard.low,
  heard.close,
  heard.volume,
{include provisional/verdicts.sql};
