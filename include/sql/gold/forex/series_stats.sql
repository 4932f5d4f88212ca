-- Each pair against its own past and the benchmark, on the close. A session is a market day of the calendar's week of six.
-- Key: ticker, market_date
-- NULL: while a window is not full, which it is with a value on its first market day and on nine in ten of all
CREATE TABLE IF NOT EXISTS {gold}.forex_series_stats (
  ticker STRING NOT NULL COMMENT 'Pair, base currency first: C:EURUSD',
  market_date DATE NOT NULL COMMENT 'Market day, a UTC day; Sundays begin and Fridays end at 17:00 New York',
  mean_20d DOUBLE COMMENT 'Mean of close over 20 market days, this one included, units of the quote currency for one of the base currency: compare with close',
  mean_50d DOUBLE COMMENT 'Mean of close over 50 market days, this one included, units of the quote currency for one of the base currency: compare with close',
  mean_200d DOUBLE COMMENT 'Mean of close over 200 market days, this one included, units of the quote currency for one of the base currency: compare with close',
{include gold/series_columns.sql}
) USING delta
COMMENT 'Forex: means, momentum, drawdown, beta and correlation, one row a pair and market day';

{include gold/close_series.sql};
