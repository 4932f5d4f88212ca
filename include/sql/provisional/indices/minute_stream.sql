-- Bars of days that REST has not settled yet, as they were heard so far.
CREATE OR REPLACE VIEW {silver}.indices_minutes_today (
  ticker COMMENT 'Index as the API writes it, such as I:SPX',
  market_date COMMENT 'Market day that it was recorded under',
  bar_start COMMENT 'Start of the minute, UTC',
  open COMMENT 'First value of the minute, points',
  high COMMENT 'Highest value of the minute, points',
  low COMMENT 'Lowest value of the minute, points',
  close COMMENT 'Last value of the minute, points',
{include provisional/verdict_columns.sql}
)
COMMENT 'Indices: minute bars of the stream of days that are not settled, provisional'
AS SELECT
  heard.ticker,
  heard.market_date,
  heard.bar_start,
  heard.open,
  heard.high,
  heard.low,
  heard.close,
{include provisional/verdicts.sql};
